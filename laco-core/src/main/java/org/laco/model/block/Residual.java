package org.laco.model.block;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.Iterables;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.laco.kernel.Kernels;
import org.laco.stack.Gradients;
import org.laco.stack.Recording;
import org.laco.tensor.LayerWeights;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * One residual step, {@code x + scale · Σ branch(x)}, where a branch is a chain of blocks: mostly a norm and then attention or
 * feed-forward.
 *
 * @param branches the branches, each run on the same input and added in this order; more than one where attention and feed-forward
 *     run in parallel
 * @param scale the factor of each branch's output
 * @param after what the sum goes through, if anything
 */
public record Residual(ImmutableList<ImmutableList<Block>> branches, double scale, Optional<Block> after)
        implements Block {
    /**
     * Makes a step of one branch.
     *
     * @param chain the blocks of the branch in the order in which they run
     * @return the step
     */
    public static Residual of(Block... chain) {
        return new Residual(ImmutableList.of(ImmutableList.copyOf(chain)), 1, Optional.empty());
    }

    /**
     * Makes a step of two parallel branches.
     *
     * @param one the blocks of one branch
     * @param other the blocks of the other
     * @return the step
     */
    public static Residual parallel(ImmutableList<Block> one, ImmutableList<Block> other) {
        return new Residual(ImmutableList.of(one, other), 1, Optional.empty());
    }

    /**
     * Returns this step with another scale.
     *
     * @param factor the factor of each branch's output
     * @return the step
     */
    public Residual scaled(double factor) {
        return new Residual(branches, factor, after);
    }

    /**
     * Returns this step with a block that its result goes through.
     *
     * @param block the block
     * @return the step
     */
    public Residual then(Block block) {
        return new Residual(branches, scale, Optional.of(block));
    }

    @Override
    public INDArray apply(INDArray x, LayerWeights weights, ForwardPass pass) {
        INDArray sum = sum(branches.stream().map(branch -> Chain.apply(branch, x, weights, pass)), pass.kernels());
        pass.kernels().add(sum, x);
        if (after.isEmpty()) {
            return sum;
        }
        INDArray result = after.get().apply(sum, weights, pass);
        pass.kernels().release(sum);
        return result;
    }

    @Override
    public Recording record(INDArray x, LayerWeights weights, ForwardPass pass) {
        Recording sum = recordSum(x, weights, pass);
        if (after.isEmpty()) {
            return sum;
        }
        Kernels kernels = pass.kernels();
        Recording result = after.get().record(sum.output(), weights, pass);
        return Recording.of(kernels::release, result.detach(), (gradient, gradients) -> {
                    INDArray bySum = result.backward(gradient, gradients);
                    INDArray before = sum.backward(bySum, gradients);
                    kernels.release(bySum);
                    return before;
                })
                .keeping(sum, result);
    }

    private Recording recordSum(INDArray x, LayerWeights weights, ForwardPass pass) {
        Kernels kernels = pass.kernels();
        List<Recording> recordings = branches.stream()
                .map(branch -> Chain.record(branch, x, weights, pass))
                .toList();
        INDArray sum = sum(recordings.stream().map(Recording::detach), kernels);
        kernels.add(sum, x);
        return Recording.of(
                        kernels::release,
                        sum,
                        (gradient, gradients) -> backward(recordings, gradient, gradients, kernels))
                .keeping(recordings.toArray(Recording[]::new));
    }

    /** Adds up what the branches give, scaled. */
    private INDArray sum(Stream<INDArray> outputs, Kernels kernels) {
        return ArraySum.of(outputs.map(output -> scale == 1 ? output : output.muli(scale)), kernels);
    }

    private INDArray backward(List<Recording> recordings, INDArray gradient, Gradients gradients, Kernels kernels) {
        INDArray scaled = scale == 1 ? gradient : gradient.mul(scale);
        INDArray before =
                ArraySum.of(recordings.stream().map(recording -> recording.backward(scaled, gradients)), kernels);
        if (scaled != gradient) {
            kernels.release(scaled);
        }
        kernels.add(before, gradient);
        return before;
    }

    @Override
    public int longestBranch() {
        return Stream.concat(branches.stream().flatMap(List::stream), after.stream())
                .mapToInt(Block::longestBranch)
                .min()
                .orElse(Integer.MAX_VALUE);
    }

    @Override
    public void declare(Consumer<TensorDeclaration> declare) {
        branches.forEach(branch -> branch.forEach(block -> block.declare(declare)));
        after.ifPresent(block -> block.declare(declare));
    }

    /**
     * The last map of the last branch, feed-forward where attention runs beside it; empty if a norm or experts come last, or the sum goes
     * through something.
     */
    @Override
    public Optional<Linear> lastMap() {
        return after.isPresent() ? Optional.empty() : last().lastMap();
    }

    /**
     * Those of all branches, empty if one of them sees the hidden states in another way than through a norm: then what it gives changes with
     * their scale.
     */
    @Override
    public Optional<ImmutableList<Linear>> addends() {
        return after.isEmpty() && branches.stream().allMatch(branch -> isNorm(branch.get(0)))
                ? Parallel.all(branches.stream().map(Iterables::getLast).toList())
                : Optional.empty();
    }

    private static boolean isNorm(Block block) {
        return block instanceof RmsNorm || block instanceof LayerNorm;
    }

    /**
     * Returns the block that comes last.
     *
     * @return what the sum goes through, else the last block of the last branch
     */
    public Block last() {
        return after.orElseGet(this::lastOfBranch);
    }

    private Block lastOfBranch() {
        return Iterables.getLast(Iterables.getLast(branches));
    }
}
