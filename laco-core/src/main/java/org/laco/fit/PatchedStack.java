package org.laco.fit;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSortedMap;
import com.google.common.collect.ImmutableSortedSet;
import org.laco.base.Internal;
import org.laco.kernel.SingleThreaded;
import org.laco.plan.CollapsePlan;
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
        return SingleThreaded.callIf(
                Arithmetic.of(original).hasOwnThreads(),
                () -> new PatchedStack(original.collapsed(plan), matrices(original, plan, patch, calibration)));
    }

    private static ImmutableSortedMap<Integer, INDArray> matrices(
            LayerStack original, CollapsePlan plan, Patch patch, Calibration calibration) {
        Gaps gaps = Gaps.of(original, plan, calibration);
        int width = gaps.width();
        int tokens = calibration.layout().rows();
        checkArgument(
                tokens >= patch.leastTokens(width),
                "%s needs at least %s calibration tokens for a matrix of that width, not %s: give a longer text",
                patch.label(),
                patch.leastTokens(width),
                tokens);
        ImmutableSortedMap.Builder<Integer, INDArray> matrices = ImmutableSortedMap.naturalOrder();
        gaps.forEach((layer, before, after) -> {
            try (PatchSums sums = patch.sums(width)) {
                Gaps.forEachBatch(before, after, sums::add);
                matrices.put(layer, sums.matrix());
            }
        });
        return matrices.build();
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
    public ImmutableList<String> addends(int layer) {
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
