package org.laco.model.block;

import com.google.common.collect.ImmutableList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.laco.kernel.Kernels;
import org.laco.stack.Recording;
import org.laco.tensor.LayerWeights;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Several blocks on the same input, whose outputs are added: attention and feed-forward that share a norm.
 *
 * @param blocks the blocks, at least one
 */
public record Parallel(ImmutableList<Block> blocks) implements Block {
    /**
     * Makes a sum of blocks.
     *
     * @param blocks the blocks, at least one
     * @return the sum
     */
    public static Parallel of(Block... blocks) {
        return new Parallel(ImmutableList.copyOf(blocks));
    }

    @Override
    public INDArray apply(INDArray x, LayerWeights weights, ForwardPass pass) {
        return ArraySum.of(blocks.stream().map(block -> block.apply(x, weights, pass)), pass.kernels());
    }

    @Override
    public Recording record(INDArray x, LayerWeights weights, ForwardPass pass) {
        Kernels kernels = pass.kernels();
        List<Recording> recordings =
                blocks.stream().map(block -> block.record(x, weights, pass)).toList();
        return Recording.of(
                        kernels::release,
                        ArraySum.of(recordings.stream().map(Recording::detach), kernels),
                        (gradient, gradients) -> ArraySum.of(
                                recordings.stream().map(recording -> recording.backward(gradient, gradients)), kernels))
                .keeping(recordings.toArray(Recording[]::new));
    }

    @Override
    public int longestBranch() {
        return blocks.stream().mapToInt(Block::longestBranch).min().orElseThrow();
    }

    @Override
    public void declare(Consumer<TensorDeclaration> declare) {
        blocks.forEach(block -> block.declare(declare));
    }

    /** The last block's, to whose output the others' are added. */
    @Override
    public Optional<Linear> lastMap() {
        return blocks.get(blocks.size() - 1).lastMap();
    }

    @Override
    public Optional<ImmutableList<Linear>> addends() {
        return all(blocks);
    }

    /** Returns the addends of several parts, empty if one has none. */
    static Optional<ImmutableList<Linear>> all(List<? extends Block> parts) {
        return parts.stream().allMatch(part -> part.addends().isPresent())
                ? Optional.of(parts.stream()
                        .flatMap(part -> part.addends().orElseThrow().stream())
                        .collect(ImmutableList.toImmutableList()))
                : Optional.empty();
    }
}
