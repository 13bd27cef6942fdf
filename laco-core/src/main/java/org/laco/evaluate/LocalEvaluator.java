package org.laco.evaluate;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.Lists;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.laco.fit.Fit;
import org.laco.fit.FitListener;
import org.laco.measure.Evaluation;
import org.laco.measure.FinalHiddenStates;
import org.laco.measure.Metric;
import org.laco.measure.Metrics;
import org.laco.measure.ReferenceOutput;
import org.laco.measure.Score;
import org.laco.plan.CollapsePlan;
import org.laco.stack.Arithmetic;
import org.laco.stack.Calibration;
import org.laco.stack.LayerRunner;
import org.laco.stack.LayerStack;
import org.laco.tensor.HostFloats;
import org.laco.tensor.Precision;
import org.laco.tensor.SequenceLayout;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Scores plans in this process.
 *
 * <p>One pass of the original model gives the hidden states that enter every layer. A plan is run from its first changed layer upward,
 * since everything below is the original; no model is copied. Plans that are screened run together where they have the same layers
 * ahead.
 */
public final class LocalEvaluator implements Evaluator {
    /** What the number of plans that are screened together can change of a cosine in float32, with room to spare. */
    public static final double NOISE = 1e-5;

    /** Plans that are compared with the original together even if they aren't run together: its logits cost as much as theirs. */
    static final int COMPARED_TOGETHER = 10;

    /** How much of the weights of fitted spans is kept: far less than one fit takes where a weight is large. */
    private static final long KEPT_BYTES = 1L << 28;

    private final LayerStack stack;
    private final Calibration calibration;
    /** The sequences that spans are fitted to unless the fit has its own. */
    private final Calibration fitted;

    private final EvaluatorSettings settings;
    private final PassListener passes;
    private final FitListener fits;
    private final LayerRunner runner;
    /** What plans are screened by: the same runner, or one of less precision. */
    private final LayerRunner screener;

    private final KeptFits keptFits = new KeptFits(KEPT_BYTES);
    /** The layouts of several plans' rows, by how many they are. */
    private final Map<Integer, SequenceLayout> repeated = new HashMap<>();

    private final PrefixStates prefix;
    private final INDArray reference;

    private LocalEvaluator(
            LayerStack stack,
            Calibration calibration,
            EvaluatorSettings settings,
            PassListener passes,
            FitListener fits,
            LayerRunner runner,
            LayerRunner screener,
            PrefixStates prefix) {
        this.stack = stack;
        this.calibration = calibration;
        this.fitted = calibration;
        this.settings = settings;
        this.passes = passes;
        this.fits = fits;
        this.runner = runner;
        this.screener = screener;
        this.prefix = prefix;
        this.reference = stack.finish(prefix.entering(stack.layerCount()));
    }

    /** Views the first sequences of another evaluator, which frees what is kept. */
    private LocalEvaluator(LocalEvaluator whole, Calibration some, Sample sample) {
        this.stack = whole.stack;
        this.calibration = some;
        this.fitted = whole.fitted;
        this.passes = whole.passes;
        this.fits = whole.fits;
        this.runner = whole.runner;
        this.screener = whole.screener;
        this.prefix = whole.prefix.first(some.layout());
        this.reference = HostFloats.rows(whole.reference, 0, some.layout().rows());
        this.settings = new EvaluatorSettings(
                whole.metric().amongLikely(sample.tokens(), reference, stack),
                whole.batching().ofPart(whole.calibration, some),
                whole.settings.screening());
    }

    /**
     * Runs the original model once.
     *
     * @param stack the original model
     * @param calibration the sequences on which plans are scored
     * @param settings how they are scored
     * @param passes receives the progress of passes through layers
     * @param fits receives the outcome of fits
     * @return the evaluator, which the caller closes
     * @throws ArithmeticException if hidden states are not finite; the message names the layer
     * @throws IllegalArgumentException if the metric needs logits and the stack is no language model, or other sequences, or if the
     *     screening needs a precision that the stack can't be computed in, or doesn't suit the metric
     * @throws CancellationException if the thread is interrupted
     */
    public static LocalEvaluator of(
            LayerStack stack,
            Calibration calibration,
            EvaluatorSettings settings,
            PassListener passes,
            FitListener fits) {
        Metric metric = settings.metric();
        metric.check(stack, calibration);
        checkArgument(
                metric.step() == 0 || settings.screening().isEmpty(),
                "the objective %s counts, so candidates can't be screened in less precision: leave the screening out",
                metric.name());
        LayerRunner runner = LayerRunner.of(stack, passes::layerRead);
        LocalEvaluator evaluator;
        try {
            LayerRunner screener = settings.screening()
                    .map(screening -> LayerRunner.of(inLess(stack, screening.precision()), passes::layerRead))
                    .orElse(runner);
            PrefixStates prefix = PrefixStates.ofOriginal(stack, calibration, runner, passes);
            evaluator = new LocalEvaluator(stack, calibration, settings, passes, fits, runner, screener, prefix);
        } catch (RuntimeException | Error e) {
            runner.close();
            throw e;
        }
        try {
            PrefixStates.requireFinite(evaluator.reference, "the final norm");
            return evaluator;
        } catch (RuntimeException | Error e) {
            evaluator.close();
            throw e;
        }
    }

    private static LayerStack inLess(LayerStack stack, Precision precision) {
        return Arithmetic.of(stack)
                .in(precision)
                .<LayerStack>map(low -> low)
                .orElseThrow(() -> new IllegalArgumentException("candidates can't be screened in " + precision
                        + ": this model is computed in float32 only; leave the screening out"));
    }

    @Override
    public Metric metric() {
        return settings.metric();
    }

    @Override
    public Score confirm(CollapsePlan plan) {
        return outputs(ImmutableList.of(plan), runner, outputs -> score(outputs, Precision.FLOAT32))
                .get(0);
    }

    @Override
    public ImmutableList<Score> screen(List<CollapsePlan> plans) {
        Precision precision = settings.screening().map(Screening::precision).orElse(Precision.FLOAT32);
        return Lists.partition(plans, batching().together()).stream()
                .flatMap(some -> outputs(some, screener, outputs -> score(outputs, precision)).stream())
                .collect(ImmutableList.toImmutableList());
    }

    private ImmutableList<Score> score(List<INDArray> outputs, Precision precision) {
        ImmutableList<Score> scores = metric().scoreAll(outputs, reference, stack, calibration);
        return IntStream.range(0, scores.size())
                .mapToObj(i -> besideSimilarity(scores.get(i), outputs.get(i)).in(precision))
                .collect(ImmutableList.toImmutableList());
    }

    private Score besideSimilarity(Score score, INDArray output) {
        return score.similarity().isPresent()
                ? score
                : score.beside(Metrics.cosine()
                        .score(output, reference, stack, calibration)
                        .value());
    }

    @Override
    public double tolerance() {
        return settings.tolerance();
    }

    @Override
    public Batching batching() {
        return settings.batching();
    }

    @Override
    public void rebase(CollapsePlan plan) {
        prefix.rebase(plan);
    }

    @Override
    public Evaluator sampled(Sample sample) {
        return metric().step() > 0 ? this : new LocalEvaluator(this, calibration.first(sample.rows()), sample);
    }

    @Override
    public FittedSpans fittedSpans(Fit fit, int most) {
        return new LocalFittedSpans(stack, fitted, fit, most, this, fits, keptFits);
    }

    /**
     * Measures a plan by the paper's cosine, with the figures that a record holds. Where writing rounds weights that the plan leaves as they
     * are, as those of a compressed checkpoint, the model is measured as it is written.
     *
     * @param plan a plan for the original model
     * @return the cosine, the score by the metric that plans are scored by, and the figures of all metrics, also of that one
     * @throws CancellationException if the thread is interrupted
     */
    public Evaluation evaluate(CollapsePlan plan) {
        if (roundsWhenWritten()) {
            try (INDArray output = FinalHiddenStates.of(stack.collapsed(plan), calibration)) {
                return evaluation(output);
            }
        }
        return outputs(ImmutableList.of(plan), runner, outputs -> evaluation(outputs.get(0)));
    }

    private Evaluation evaluation(INDArray output) {
        Score similarity = Metrics.cosine().score(output, reference, stack, calibration);
        Score objective = metric().equals(Metrics.cosine())
                ? similarity
                : metric().score(output, reference, stack, calibration).beside(similarity.value());
        return new Evaluation(
                similarity,
                objective,
                ImmutableMap.<String, Double>builder()
                        .putAll(Metrics.figures(output, reference, stack, calibration))
                        .putAll(metric().figures(output, reference, stack))
                        .buildOrThrow());
    }

    /**
     * Returns whether weights are rounded when they are written, so that a plan's {@linkplain #evaluate evaluation} is of other values
     * than its {@linkplain #confirm score}.
     *
     * @return true for a model whose weights are decoded while they are read
     */
    public boolean roundsWhenWritten() {
        return IntStream.range(0, stack.layerCount())
                .mapToObj(stack::tensors)
                .flatMap(layer -> layer.values().stream())
                .anyMatch(tensor -> tensor.tensor().asWritten() != tensor.tensor());
    }

    /**
     * Returns what plans are compared with.
     *
     * @return a copy of the original's output
     */
    public ReferenceOutput reference() {
        return ReferenceOutput.of(reference, calibration.layout());
    }

    /** Computes the final hidden states of plans, in batches, and uses them while they are there. */
    private <T> T outputs(List<CollapsePlan> plans, LayerRunner computing, Function<List<INDArray>, T> use) {
        plans.forEach(LocalEvaluator::requireOriginalOutsideOfLayers);
        List<INDArray> outputs = new ArrayList<>();
        try {
            for (List<CollapsePlan> batch : Lists.partition(plans, batching().size())) {
                outputs.addAll(run(batch, computing));
            }
            return use.apply(outputs);
        } finally {
            outputs.forEach(INDArray::close);
        }
    }

    /** Embedding, final norm and head are the original's here: with others the scores would be another model's. */
    private static void requireOriginalOutsideOfLayers(CollapsePlan plan) {
        checkArgument(
                plan.outside().isEmpty(),
                "the plan has trained weights outside of the layers, %s: measure the collapsed model as a model of its own",
                plan.outside().keySet());
    }

    /** Computes the final hidden states of plans that are run together. */
    private List<INDArray> run(List<CollapsePlan> plans, LayerRunner computing) {
        SequenceLayout sequences = calibration.layout();
        try (CandidateBatch batch = new CandidateBatch()) {
            for (int i = 0; i < plans.size(); i++) {
                CollapsePlan plan = plans.get(i);
                int from = prefix.sharedPrefix(plan);
                batch.add(i, plan.layers().subList(from, plan.size()), prefix.entering(from));
            }
            int layers = plans.stream().mapToInt(CollapsePlan::size).max().orElseThrow();
            batch.run((layer, ahead, hidden, candidates) -> {
                INDArray next = computing.run(layer, hidden, repeated.computeIfAbsent(candidates, sequences::repeat));
                passes.layerRun(layers - ahead - 1, candidates);
                return next;
            });
            INDArray[] outputs = new INDArray[plans.size()];
            try (INDArray output = stack.finish(batch.hidden())) {
                for (int row = 0; row < plans.size(); row++) {
                    int start = row * sequences.rows();
                    outputs[batch.order().get(row)] = HostFloats.rows(output, start, start + sequences.rows())
                            .dup('c');
                }
            }
            return List.of(outputs);
        }
    }

    @Override
    public void close() {
        prefix.close();
        reference.close();
        runner.close();
        if (screener != runner) {
            screener.close();
        }
    }
}
