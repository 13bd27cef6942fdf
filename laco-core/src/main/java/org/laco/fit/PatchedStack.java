package org.laco.fit;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSortedMap;
import com.google.common.collect.ImmutableSortedSet;
import java.util.Collections;
import org.laco.base.Internal;
import org.laco.kernel.SingleThreaded;
import org.laco.merge.MergeRules;
import org.laco.plan.CollapsePlan;
import org.laco.plan.MergedLayer;
import org.laco.plan.PlannedLayer;
import org.laco.plan.SourceLayer;
import org.laco.stack.Arithmetic;
import org.laco.stack.Calibration;
import org.laco.stack.ForwardingStack;
import org.laco.stack.LayerStack;
import org.laco.stack.OutputMap;
import org.laco.stack.Recording;
import org.laco.tensor.LayerWeights;
import org.laco.tensor.SequenceLayout;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A stack some of whose layers were left out, with a matrix on the residual stream in the place of each gap. It can be run and measured, and
 * neither fitted, trained nor written: no checkpoint of the original's structure holds such a matrix.
 *
 * <pre>{@code
 * try (PatchedStack patched = PatchedStack.fit(model, plan, Patch.GHOSTED, calibration)) {
 *     Perplexity.ofSequences(TokenLogProbabilities.of(patched), texts);
 * }
 * }</pre>
 */
@Internal
public final class PatchedStack extends ForwardingStack implements AutoCloseable {
    private static final int BATCH_ROWS = 2048;

    private final ImmutableSortedMap<Integer, INDArray> matrices;

    private PatchedStack(LayerStack collapsed, ImmutableSortedMap<Integer, INDArray> matrices) {
        super(collapsed);
        this.matrices = matrices;
    }

    /**
     * Estimates the matrices on the original's hidden states.
     *
     * @param original the stack
     * @param plan which layers are left out: those that the rule {@code keep-first} merges into the one below them
     * @param patch how matrices are estimated
     * @param calibration the sequences; every position counts, the first ones too
     * @return the patched stack, which the caller closes
     * @throws IllegalArgumentException if the plan merges or changes weights, there are fewer tokens than the matrix has rows and it takes
     *     as many, or there is no Hadamard matrix of the hidden width and it takes one
     * @throws ArithmeticException if the hidden states determine no matrix
     * @throws java.util.concurrent.CancellationException if the thread is interrupted
     */
    public static PatchedStack fit(LayerStack original, CollapsePlan plan, Patch patch, Calibration calibration) {
        plan.layers().forEach(PatchedStack::requireDropped);
        checkArgument(plan.outside().isEmpty(), "the plan has trained weights outside of the layers: patch it before");
        return SingleThreaded.callIf(
                Arithmetic.of(original).hasOwnThreads(),
                () -> new PatchedStack(original.collapsed(plan), matrices(original, plan, patch, calibration)));
    }

    private static void requireDropped(PlannedLayer layer) {
        boolean dropped = layer instanceof MergedLayer merged
                && merged.rule().equals(MergeRules.keepFirst())
                && merged.parts().stream().allMatch(SourceLayer.class::isInstance);
        checkArgument(
                layer instanceof SourceLayer || dropped,
                "%s can't be patched: a patch stands for layers that were left out, by the rule %s",
                layer,
                MergeRules.keepFirst().name());
    }

    private static ImmutableSortedMap<Integer, INDArray> matrices(
            LayerStack original, CollapsePlan plan, Patch patch, Calibration calibration) {
        ImmutableList<FitBatch> batches = FitBatch.all(calibration, BATCH_ROWS);
        ImmutableSortedMap.Builder<Integer, INDArray> matrices = ImmutableSortedMap.naturalOrder();
        int reached = 0;
        try (HiddenStates states = HiddenStates.entering(original, batches)) {
            int width = Math.toIntExact(states.get(0).size(1));
            int tokens = calibration.layout().rows();
            checkArgument(
                    tokens >= patch.leastTokens(width),
                    "%s needs at least %s calibration tokens for a matrix of that width, not %s: give a longer text",
                    patch.label(),
                    patch.leastTokens(width),
                    tokens);
            for (int layer : plan.changedLayers()) {
                PlannedLayer dropped = plan.layers().get(layer);
                reached = advance(states, reached, dropped.base().index() + 1);
                try (HiddenStates before = states.copy();
                        PatchSums sums = patch.sums(width)) {
                    reached = advance(states, reached, Collections.max(dropped.sources()) + 1);
                    for (int i = 0; i < batches.size(); i++) {
                        sums.add(before.get(i), states.get(i), batches.get(i).layout());
                    }
                    matrices.put(layer, sums.matrix());
                }
            }
        }
        return matrices.build();
    }

    private static int advance(HiddenStates states, int from, int to) {
        for (int layer = from; layer < to; layer++) {
            states.advance(SourceLayer.of(layer));
        }
        return to;
    }

    /**
     * Returns where matrices were added.
     *
     * @return the numbers of the layers behind which there is one
     */
    public ImmutableSortedSet<Integer> patched() {
        return ImmutableSortedSet.copyOf(matrices.keySet());
    }

    /**
     * Returns what the matrices add to the parameters.
     *
     * @return the number of their elements
     */
    public long addedParameters() {
        return matrices.values().stream().mapToLong(INDArray::length).sum();
    }

    /**
     * Returns the matrix P behind a layer, whose hidden states x, a row each, become {@code x P}.
     *
     * @param layer one of {@link #patched}
     * @return the matrix {@code [width, width]}, valid until this is closed
     */
    public INDArray matrix(int layer) {
        return matrices.get(layer);
    }

    @Override
    public INDArray forward(int layer, LayerWeights weights, INDArray hidden, SequenceLayout sequences) {
        INDArray leaving = super.forward(layer, weights, hidden, sequences);
        if (!matrices.containsKey(layer)) {
            return leaving;
        }
        try (INDArray unpatched = leaving;
                INDArray product = unpatched.mmul(matrices.get(layer))) {
            return product.dup('c');
        }
    }

    @Override
    public OutputMap outputMap(int layer) {
        throw measuringStick();
    }

    @Override
    public ImmutableList<OutputMap> stepMaps(int layer) {
        throw measuringStick();
    }

    @Override
    public Recording record(int layer, LayerWeights weights, INDArray hidden, SequenceLayout sequences) {
        throw measuringStick();
    }

    private static UnsupportedOperationException measuringStick() {
        return new UnsupportedOperationException(
                "a stack with a matrix added at a gap is measured only: it can't be fitted, trained or written");
    }

    /** Frees the matrices. */
    @Override
    public void close() {
        matrices.values().forEach(INDArray::close);
    }
}
