package org.laco.model.block;

import com.google.common.collect.ImmutableList;
import java.util.Optional;
import java.util.function.Consumer;
import org.laco.stack.Recording;
import org.laco.tensor.LayerWeights;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Blocks one after another, as one.
 *
 * @param blocks the blocks in the order in which they run, at least one
 */
public record Sequence(ImmutableList<Block> blocks) implements Block {
    /**
     * Makes one block of several.
     *
     * @param blocks the blocks in the order in which they run, at least one
     * @return the block
     */
    public static Sequence of(Block... blocks) {
        return new Sequence(ImmutableList.copyOf(blocks));
    }

    @Override
    public INDArray apply(INDArray x, LayerWeights weights, ForwardPass pass) {
        return Chain.apply(blocks, x, weights, pass);
    }

    @Override
    public Recording record(INDArray x, LayerWeights weights, ForwardPass pass) {
        return Chain.record(blocks, x, weights, pass);
    }

    @Override
    public int longestBranch() {
        return blocks.stream().mapToInt(Block::longestBranch).min().orElseThrow();
    }

    @Override
    public Optional<Linear> lastMap() {
        return blocks.get(blocks.size() - 1).lastMap();
    }

    @Override
    public void declare(Consumer<TensorDeclaration> declare) {
        blocks.forEach(block -> block.declare(declare));
    }
}
