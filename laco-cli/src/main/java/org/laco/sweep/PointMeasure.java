package org.laco.sweep;

import com.google.common.base.Stopwatch;
import com.google.common.collect.ImmutableMap;
import com.google.common.primitives.Ints;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.laco.CollapseResult;
import org.laco.fit.PatchedStack;
import org.laco.measure.Evaluation;
import org.laco.measure.FinalHiddenStates;
import org.laco.measure.MeasureSettings;
import org.laco.measure.Metrics;
import org.laco.measure.ModelAgreement;
import org.laco.measure.MultipleChoice;
import org.laco.measure.Perplexity;
import org.laco.measure.TaskScores;
import org.laco.measure.TokenLogProbabilities;
import org.laco.model.CausalModel;
import org.laco.model.GreedyGenerator;
import org.laco.plan.CollapsePlan;
import org.laco.plan.FittedLayer;
import org.laco.stack.LanguageStack;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Measures one collapsed model in all ways of a sweep. */
final class PointMeasure {
    private static final int SAMPLE_TOKENS = 24;

    private final SweepInputs inputs;

    PointMeasure(SweepInputs inputs) {
        this.inputs = inputs;
    }

    /** Measures a model that can be written. */
    SweepPoint measure(String method, CausalModel model, CollapsePlan plan, Evaluation evaluation, Effort effort)
            throws IOException {
        return measure(method, model, model.parameterCount(), List.of(), plan, evaluation, effort);
    }

    /** Measures what was found. */
    SweepPoint measure(String method, CollapseResult found, Effort effort) throws IOException {
        return measure(method, (CausalModel) found.model(), found.plan(), found.evaluation(), effort);
    }

    /** Measures what was found with a matrix at each gap. */
    SweepPoint measure(String method, PatchedStack patched, CollapseResult found, Effort effort) throws IOException {
        return measure(
                method,
                patched,
                ((CausalModel) found.model()).parameterCount() + patched.addedParameters(),
                patched.patched().asList(),
                found.plan(),
                evaluate(patched),
                effort);
    }

    private Evaluation evaluate(PatchedStack patched) {
        CausalModel original = inputs.checkpoint().model();
        try (INDArray reference = FinalHiddenStates.of(original, inputs.calibration());
                INDArray output = FinalHiddenStates.of(patched, inputs.calibration())) {
            return new Evaluation(
                    Metrics.cosine().score(output, reference, original, inputs.calibration()),
                    Metrics.figures(output, reference, original, inputs.calibration()));
        }
    }

    private SweepPoint measure(
            String method,
            LanguageStack model,
            long parameters,
            List<Integer> matrices,
            CollapsePlan plan,
            Evaluation evaluation,
            Effort effort)
            throws IOException {
        Stopwatch watch = Stopwatch.createStarted();
        CausalModel original = inputs.checkpoint().model();
        TokenLogProbabilities probabilities = TokenLogProbabilities.of(model);
        Map<String, Double> perplexity = new LinkedHashMap<>();
        for (SweepText text : inputs.texts()) {
            perplexity.put(
                    text.name(),
                    Perplexity.ofSequences(probabilities, text.sequences()).perplexity());
        }
        Optional<MultipleChoice> answers = inputs.choices().map(items -> MultipleChoice.measure(probabilities, items));
        Map<String, TaskPoint> tasks = inputs.tasks()
                .map(questions -> TaskPoint.of(TaskScores.measure(probabilities, questions)))
                .orElse(ImmutableMap.of());
        boolean compares = !inputs.texts().isEmpty() && model != original;
        ModelAgreement agreement = compares
                ? ModelAgreement.measure(original, model, inputs.texts().get(0).sequences(), MeasureSettings.defaults())
                : null;
        Map<String, String> samples = samples(model);
        return new SweepPoint(
                method,
                plan.size(),
                parameters,
                1 - (double) parameters / original.parameterCount(),
                evaluation.similarity().value(),
                perplexity,
                answers.map(measured -> measured.accuracy().value()).orElse(null),
                answers.map(PointMeasure::figures).orElse(Map.of()),
                tasks,
                compares ? (Double) agreement.topAgreement() : null,
                compares ? (Double) agreement.divergence() : null,
                evaluation.figures(),
                seconds(effort.searching()),
                seconds(effort.training()),
                seconds(watch.elapsed()),
                plan.sources().stream().map(sources -> (List<Integer>) sources).toList(),
                IntStream.range(0, plan.size())
                        .filter(layer -> plan.layers().get(layer) instanceof FittedLayer)
                        .boxed()
                        .toList(),
                samples,
                matrices,
                effort.trainedTokens());
    }

    private static double seconds(Duration time) {
        return time.toMillis() / 1000.0;
    }

    private static Map<String, Double> figures(MultipleChoice answers) {
        Map<String, Double> figures = new LinkedHashMap<>();
        put(figures, "accuracyStandardError", answers.accuracy().standardError());
        answers.accNorm().ifPresent(accuracy -> {
            figures.put("accNorm", accuracy.value());
            put(figures, "accNormStandardError", accuracy.standardError());
        });
        answers.accBytes().ifPresent(accuracy -> {
            figures.put("accBytes", accuracy.value());
            put(figures, "accBytesStandardError", accuracy.standardError());
        });
        return figures;
    }

    /** Puts an error in, unless there is one question only, which has none. */
    private static void put(Map<String, Double> figures, String name, double error) {
        if (!Double.isNaN(error)) {
            figures.put(name, error);
        }
    }

    private Map<String, String> samples(LanguageStack model) throws IOException {
        Map<String, String> samples = new LinkedHashMap<>();
        if (inputs.prompts().isEmpty()) {
            return samples;
        }
        GreedyGenerator generator = GreedyGenerator.builder(model)
                .stopAt(Ints.toArray(inputs.checkpoint().endOfTextIds()))
                .build();
        for (String prompt : inputs.prompts()) {
            int[] ids = inputs.checkpoint().tokenizer().encode(prompt);
            int[] added = generator.generate(ids, SAMPLE_TOKENS).toArray();
            samples.put(prompt, inputs.checkpoint().tokenizer().continuation(ids, added));
        }
        return samples;
    }
}
