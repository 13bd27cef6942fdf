package org.laco.model.block;

import com.google.common.collect.ImmutableList;
import java.util.Optional;
import java.util.function.Consumer;
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
        INDArray sum = blocks.get(0).apply(x, weights, pass);
        for (Block block : blocks.subList(1, blocks.size())) {
            INDArray output = block.apply(x, weights, pass);
            pass.kernels().add(sum, output);
            pass.kernels().release(output);
        }
        return sum;
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
}
