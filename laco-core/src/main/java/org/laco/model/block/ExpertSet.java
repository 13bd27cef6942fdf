package org.laco.model.block;

import java.util.function.Consumer;

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
     * Declares the tensors of all experts.
     *
     * @param declare receives each of them
     */
    void declare(Consumer<TensorDeclaration> declare);
}
