package org.laco.model.block;

import java.util.function.Consumer;
import org.laco.tensor.LayerWeights;
import org.nd4j.linalg.api.ndarray.INDArray;

/** How the router's scores decide which experts a row goes through, and by what factors. Implementations have value equality. */
public interface ExpertChoice {
    /**
     * Chooses experts for each row.
     *
     * @param scores the router's outputs {@code [rows, experts]}, which may be changed
     * @param weights the layer's weights
     * @return the chosen experts, with their factors and those factors' derivative
     */
    Routing choose(INDArray scores, LayerWeights weights);

    /**
     * Checks that this choice works for a number of experts.
     *
     * @param experts the number of experts
     * @throws IllegalArgumentException if more would be chosen than there are
     */
    void check(int experts);

    /**
     * Declares the tensors that the choice needs beside the router's.
     *
     * @param experts the number of experts
     * @param declare receives each of them
     */
    void declare(int experts, Consumer<TensorDeclaration> declare);
}
