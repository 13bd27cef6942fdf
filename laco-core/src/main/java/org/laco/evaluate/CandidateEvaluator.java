package org.laco.evaluate;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.Lists;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.CancellationException;
import java.util.function.Function;
import org.laco.measure.Evaluation;
import org.laco.measure.Metric;
import org.laco.measure.Metrics;
import org.laco.measure.ReferenceOutput;
import org.laco.plan.CollapsePlan;
import org.laco.plan.PlannedLayer;
import org.laco.stack.Calibration;
import org.laco.stack.LanguageStack;
import org.laco.stack.LayerStack;
import org.laco.stack.PlannedTensors;
import org.laco.tensor.ArrayPool;
import org.laco.tensor.HostFloats;
import org.laco.tensor.LayerTensor;
import org.laco.tensor.LayerWeights;
import org.laco.tensor.SequenceLayout;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Measures how similar the output of planned models is to the original's.
 *
 * <p>One pass of the original model gives the hidden states that enter every layer. A plan is evaluated from its first changed layer
 * upward, since everything below is the original; no model is copied.
 */
public final class CandidateEvaluator implements AutoCloseable {
    /** What the number of candidates that are measured together can change of a similarity, with room to spare. */
    public static final double NOISE = 1e-5;

    /**
     * What rounding weights and inputs of products to bfloat16 can change of a similarity: four times the most that was measured on 25
     * candidates of a model of 30 layers, 0.0009.
     */
    public static final double ROUNDING = 0.004;

    /** Rows beyond which a matrix product gains nothing from more of them. */
    private static final int ENOUGH_ROWS = 2048;

    /** Rows whose products take about as long as reading the weights, so that leaving some of them unused costs little. */
    private static final int CHEAP_ROWS = 256;

    /** Candidates that are compared with the original together even if they aren't run together: its logits cost as much as theirs. */
    static final int COMPARED_TOGETHER = 10;

    private final LayerStack stack;
    private final LayerStack together;
    private final Calibration calibration;
    private final SequenceLayout sequences;
    private final Metric objective;
    private final PassListener listener;
    private final int maxCandidates;
    private final boolean wholePasses;
    private final ArrayPool pool = ArrayPool.create();
    /** The layouts of several candidates' rows, by how many they are. */
    private final Map<Integer, SequenceLayout> stacked = new HashMap<>();

    /** The plan whose hidden states are kept, at first that of the original model. */
    private CollapsePlan base;

    /** The hidden states that enter each of its layers. */
    private final List<INDArray> entering = new ArrayList<>();

    private INDArray reference;

    private CandidateEvaluator(
            LayerStack stack,
            LayerStack together,
            Calibration calibration,
            Metric objective,
            OptionalInt atOnce,
            boolean wholePasses,
            PassListener listener) {
        this.stack = stack;
        this.together = together;
        this.calibration = calibration;
        this.sequences = calibration.layout();
        this.objective = objective;
        this.maxCandidates = atOnce.orElse(efficientCandidates(calibration));
        this.wholePasses = wholePasses;
        this.stacked.put(1, sequences);
        this.listener = listener;
        this.base = CollapsePlan.identity(stack.layerCount());
    }

    /**
     * Runs the original model once.
     *
     * @param stack the original model
     * @param calibration the sequences on which plans are measured
     * @param listener who is told of each layer
     * @return the evaluator, which the caller closes
     * @throws ArithmeticException if hidden states are not finite; the message names the layer
     * @throws CancellationException if the thread is interrupted
     */
    public static CandidateEvaluator of(LayerStack stack, Calibration calibration, PassListener listener) {
        return of(stack, stack, calibration, Metrics.cosine(), OptionalInt.empty(), false, listener);
    }

    /**
     * Runs the original model once.
     *
     * @param stack the original model
     * @param together the stack on which several plans are measured at once: the same, or its {@linkplain LayerStack#rounded rounded} one
     * @param calibration the sequences on which plans are measured
     * @param objective what they are measured by
     * @param atOnce how many plans are measured together at most; if empty, as many as make matrix products efficient
     * @param wholePasses whether reading weights costs more than computing, so that it pays to measure more plans than are likely to be needed
     * @param listener who is told of each layer
     * @return the evaluator, which the caller closes
     * @throws ArithmeticException if hidden states are not finite; the message names the layer
     * @throws IllegalArgumentException if the objective needs logits and the stack is no language model
     * @throws CancellationException if the thread is interrupted
     */
    public static CandidateEvaluator of(
            LayerStack stack,
            LayerStack together,
            Calibration calibration,
            Metric objective,
            OptionalInt atOnce,
            boolean wholePasses,
            PassListener listener) {
        checkArgument(
                !objective.needsLogits() || LanguageStack.of(stack).isPresent() && calibration.isTokens(),
                "the objective %s needs a language model and calibration sequences of tokens",
                objective.name());
        CandidateEvaluator evaluator =
                new CandidateEvaluator(stack, together, calibration, objective, atOnce, wholePasses, listener);
        try {
            evaluator.runOriginal();
            return evaluator;
        } catch (RuntimeException | Error e) {
            evaluator.close();
            throw e;
        }
    }

    /**
     * Tells how many candidates are measured together unless something else is asked for.
     *
     * @param calibration the sequences
     * @return as many as make matrix products efficient
     */
    public static int efficientCandidates(Calibration calibration) {
        return Math.max(1, ENOUGH_ROWS / calibration.layout().rows());
    }

    /**
     * Tells how many candidates can be measured in the time that reading the weights takes anyway.
     *
     * @param calibration the sequences
     * @return the number, at least 1
     */
    public static int cheapCandidates(Calibration calibration) {
        return Math.max(1, CHEAP_ROWS / calibration.layout().rows());
    }

    private void runOriginal() {
        entering.add(stack.embed(calibration));
        requireFinite(entering.get(0), "the embedding");
        for (int layer = 0; layer < stack.layerCount(); layer++) {
            entering.add(run(base.layers().get(layer), entering.get(layer)));
            requireFinite(entering.get(layer + 1), "layer " + layer);
            listener.layerRun(layer, 0);
        }
        reference = stack.finish(entering.get(stack.layerCount()));
        requireFinite(reference, "the final norm");
    }

    private static void requireFinite(INDArray hidden, String where) {
        if (!HostFloats.of(hidden).isFinite()) {
            throw new ArithmeticException("the hidden states that leave " + where
                    + " of the original model are not finite: its weights hold NaN, infinite or far too large values");
        }
    }

    /**
     * Returns the number of calibration sequences.
     *
     * @return at least 1
     */
    public int sequences() {
        return sequences.count();
    }

    /**
     * Returns the sequences on which plans are measured.
     *
     * @return the calibration
     */
    public Calibration calibration() {
        return calibration;
    }

    /**
     * Returns what plans are measured by.
     *
     * @return the objective
     */
    public Metric objective() {
        return objective;
    }

    /**
     * Keeps the hidden states of a plan instead of those kept now, so that plans that share its lower layers are evaluated from where
     * they part from it. Similarities stay those to the original model.
     *
     * @param plan a plan for the original model
     * @throws CancellationException if the thread is interrupted
     */
    public void rebase(CollapsePlan plan) {
        int shared = sharedPrefix(plan);
        while (entering.size() > shared + 1) {
            entering.remove(entering.size() - 1).close();
        }
        base = plan;
        for (int layer = shared; layer < plan.size(); layer++) {
            entering.add(run(plan.layers().get(layer), entering.get(layer)));
            listener.layerRun(layer, 1);
        }
    }

    /** Counts the lowest layers that a plan has in common with the one whose hidden states are kept. */
    private int sharedPrefix(CollapsePlan plan) {
        int limit = Math.min(Math.min(plan.size(), base.size()), entering.size() - 1);
        int shared = 0;
        while (shared < limit && plan.layers().get(shared).equals(base.layers().get(shared))) {
            shared++;
        }
        return shared;
    }

    /**
     * Measures a plan by itself.
     *
     * @param plan a plan for the original model
     * @return its similarity to the original
     * @throws CancellationException if the thread is interrupted
     */
    public Evaluation evaluate(CollapsePlan plan) {
        return measure(
                        ImmutableList.of(plan),
                        stack,
                        outputs -> objective.evaluateAll(outputs, reference, stack, calibration))
                .get(0);
    }

    /**
     * Measures plans together, so that the weights of layers that they share are read once. Sums may round differently than those of
     * {@link #evaluate(CollapsePlan)}, by less than {@link #NOISE} of the similarity.
     *
     * @param plans plans for the original model
     * @return their similarities to the original, in the same order
     * @throws CancellationException if the thread is interrupted
     */
    public ImmutableList<Evaluation> evaluate(List<CollapsePlan> plans) {
        return Lists.partition(plans, Math.max(maxCandidates, COMPARED_TOGETHER)).stream()
                .flatMap(
                        some -> measure(
                                some,
                                together,
                                outputs -> objective.evaluateAll(outputs, reference, stack, calibration))
                                .stream())
                .collect(ImmutableList.toImmutableList());
    }

    /**
     * Measures a plan by the paper's cosine, with the figures that a record holds.
     *
     * @param plan a plan for the original model
     * @return the cosine, and the figures of all metrics
     * @throws CancellationException if the thread is interrupted
     */
    public Evaluation evaluateFully(CollapsePlan plan) {
        return measure(
                        ImmutableList.of(plan),
                        stack,
                        outputs -> ImmutableList.of(Metrics.cosine()
                                .evaluate(outputs.get(0), reference, stack, calibration)
                                .with(Metrics.figures(outputs.get(0), reference, stack, calibration))))
                .get(0);
    }

    /**
     * Returns what plans are compared with.
     *
     * @return a copy of the original's output
     */
    public ReferenceOutput reference() {
        return ReferenceOutput.of(reference, sequences);
    }

    /**
     * Tells by how much similarities that are measured together may differ from those measured alone.
     *
     * @return {@link #NOISE}, or more if they are computed with less precision
     */
    public double noise() {
        return together == stack ? NOISE : ROUNDING;
    }

    /**
     * Returns how many plans are measured together at most.
     *
     * @return at least 1
     */
    public int maxCandidates() {
        return maxCandidates;
    }

    /**
     * Tells whether reading weights costs more than computing, so that it pays to measure more plans than are likely to be
     * needed.
     *
     * @return whether waves should grow at once to what memory allows
     */
    public boolean wholePasses() {
        return wholePasses;
    }

    private ImmutableList<Evaluation> measure(
            List<CollapsePlan> plans, LayerStack computed, Function<List<INDArray>, ImmutableList<Evaluation>> metric) {
        List<INDArray> outputs = new ArrayList<>();
        try {
            for (List<CollapsePlan> wave : Lists.partition(plans, maxCandidates)) {
                outputs.addAll(outputs(wave, computed));
            }
            return metric.apply(outputs);
        } finally {
            outputs.forEach(INDArray::close);
        }
    }

    /** Computes the final hidden states of plans that are run together. */
    private List<INDArray> outputs(List<CollapsePlan> plans, LayerStack computed) {
        try (Wave wave = new Wave()) {
            for (int i = 0; i < plans.size(); i++) {
                CollapsePlan plan = plans.get(i);
                int from = sharedPrefix(plan);
                wave.add(i, plan.layers().subList(from, plan.size()), entering.get(from));
            }
            int layers = plans.stream().mapToInt(CollapsePlan::size).max().orElseThrow();
            wave.run((layer, ahead, hidden, candidates) -> {
                INDArray next = run(computed, layer, hidden, candidates);
                listener.layerRun(layers - ahead - 1, candidates);
                return next;
            });
            INDArray[] outputs = new INDArray[plans.size()];
            try (INDArray output = stack.finish(wave.hidden())) {
                for (int row = 0; row < plans.size(); row++) {
                    int start = row * sequences.rows();
                    outputs[wave.order().get(row)] = HostFloats.rows(output, start, start + sequences.rows())
                            .dup('c');
                }
            }
            return List.of(outputs);
        }
    }

    private INDArray run(PlannedLayer layer, INDArray hidden) {
        return run(stack, layer, hidden, 1);
    }

    private INDArray run(LayerStack computed, PlannedLayer layer, INDArray hidden, int candidates) {
        if (Thread.interrupted()) {
            throw new CancellationException("interrupted");
        }
        SequenceLayout rows = stacked.computeIfAbsent(candidates, sequences::repeat);
        ImmutableMap<String, LayerTensor> tensors = PlannedTensors.of(stack, layer);
        listener.layerRead(PlannedTensors.bytesRead(tensors));
        try (LayerWeights weights = LayerWeights.load(tensors, pool)) {
            return computed.forward(layer.base().index(), weights, hidden, rows);
        }
    }

    @Override
    public void close() {
        entering.forEach(INDArray::close);
        if (reference != null) {
            reference.close();
        }
        pool.close();
    }
}
