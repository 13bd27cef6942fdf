package org.laco.model.block;

import java.util.function.Consumer;
import org.laco.kernel.Kernels;
import org.laco.tensor.LayerWeights;

/**
 * Experts that see the hidden states through a norm, while their router doesn't.
 *
 * @param norm the norm
 * @param experts the experts
 */
public record NormedExperts(RowBlock norm, ExpertSet experts) implements ExpertSet {
    @Override
    public int size() {
        return experts.size();
    }

    @Override
    public Block expert(int number) {
        return Sequence.of(norm, experts.expert(number));
    }

    @Override
    public void readAhead(int number, LayerWeights weights, Kernels kernels) {
        experts.readAhead(number, weights, kernels);
    }

    @Override
    public void declare(Consumer<TensorDeclaration> declare) {
        norm.declare(declare);
        experts.declare(declare);
    }
}
