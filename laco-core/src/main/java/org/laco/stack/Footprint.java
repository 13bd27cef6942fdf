package org.laco.stack;

/** How many parameters a stack has outside of its layers, and what memory it takes. */
public interface Footprint {
    /**
     * Returns the number of parameters outside of the layers: embedding, final norm and head.
     *
     * @return the number of elements; tied weights count once
     */
    long parametersOutsideLayers();

    /**
     * Returns the stored size of the tensors outside of the layers.
     *
     * @return the size in bytes
     */
    long bytesOutsideLayers();

    /**
     * Returns the memory that the weights of a layer take while it is computed in a search, of its experts no more than is held of them.
     *
     * @param layer the layer, from 0
     * @param merged whether the linear weights are merged from several layers, so that they have to be computed first
     * @return the size in bytes; weights that are used where they are mapped take none
     */
    long loadedBytes(int layer, boolean merged);

    /**
     * Returns the number of columns that go from layer to layer beside the hidden states, such as inputs of each layer, keys and values. The
     * default is none.
     *
     * @return the number of float32 elements of each row
     */
    default long carriedColumns() {
        return 0;
    }

    /**
     * Asks a stack what it takes.
     *
     * @param stack the stack
     * @return the stack itself, or an answer by its tensors: nothing outside of the layers, each loaded as float32
     */
    static Footprint of(LayerStack stack) {
        return stack instanceof Footprint footprint ? footprint : new TensorFootprint(stack);
    }
}
