package org.laco.model.block;

import java.util.function.Consumer;
import org.laco.kernel.Kernels;
import org.laco.tensor.LayerWeights;

/** The experts of a layer, however they are stored. Implementations have value equality. */
public interface ExpertSet {
    /**
     * Returns how many experts there are.
     *
     * @return the number, at least 1
     */
    int size();

    /**
     * Returns one expert.
     *
     * @param number its number, from 0
     * @return the expert, which reads no other's weights
     */
    Block expert(int number);

    /**
     * Reads one expert's linear weights before they are needed, those that no other thread reads.
     *
     * @param number its number, from 0
     * @param weights the layer's weights
     * @param kernels the arithmetic, which says in which type they are needed
     */
    void readAhead(int number, LayerWeights weights, Kernels kernels);

    /**
     * Declares the tensors of all experts.
     *
     * @param declare receives each of them
     */
    void declare(Consumer<TensorDeclaration> declare);
}
