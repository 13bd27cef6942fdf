package org.laco.model.block;

import com.google.common.collect.ImmutableList;
import java.util.Optional;
import java.util.function.Consumer;
import org.laco.stack.Recording;
import org.laco.tensor.LayerWeights;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Attention beside which an indexer chooses the positions that each query sees (DeepSeek-AI, DeepSeek-V3.2, section 2.1), for sequences of no more
 * positions than it chooses, which are all chosen. So the indexer's weights are merged as the others, and not read.
 *
 * @param attention the attention to all positions
 * @param indexer the maps and norms of the indexer, none where that of a layer below chooses
 */
public record IndexedAttention(Block attention, ImmutableList<Block> indexer) implements Block {
    @Override
    public INDArray apply(INDArray x, LayerWeights weights, ForwardPass pass) {
        return attention.apply(x, weights, pass);
    }

    @Override
    public Recording record(INDArray x, LayerWeights weights, ForwardPass pass) {
        return attention.record(x, weights, pass);
    }

    @Override
    public int longestBranch() {
        return attention.longestBranch();
    }

    @Override
    public Optional<Linear> lastMap() {
        return attention.lastMap();
    }

    @Override
    public void declare(Consumer<TensorDeclaration> declare) {
        attention.declare(declare);
        indexer.forEach(block -> block.declare(tensor -> declare.accept(tensor.onlyRouted())));
    }
}
