package org.laco.model.block;

import java.util.function.Consumer;
import org.laco.tensor.LayerWeights;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A projection that leaves its keys and values for the layers above, as {@link Carried}.
 *
 * @param projection the projection
 * @param from the first column of the keys, which the values follow, among all that are carried
 */
public record StoringProjection(Projection projection, int from) implements Projection {
    @Override
    public QueryKeyValue apply(INDArray x, LayerWeights weights, ForwardPass pass) {
        QueryKeyValue projected = projection.apply(x, weights, pass);
        pass.carry(from, projected.keys());
        pass.carry(from + (int) projected.keys().size(1), projected.values());
        return projected;
    }

    @Override
    public void declare(Consumer<TensorDeclaration> declare) {
        projection.declare(declare);
    }
}
