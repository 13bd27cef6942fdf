package org.laco;

import org.laco.stack.LayerStack;

/**
 * How small the collapsed model is to be.
 *
 * <pre>{@code
 * LayerCollapse.builder().target(Target.ratio(0.25));   // a quarter of the parameters less
 * }</pre>
 */
public sealed interface Target permits LayerTarget, ParameterTarget, ByteTarget {
    /**
     * Asks for a number of layers.
     *
     * @param layers the number of layers, at least 1
     * @return the target
     * @throws IllegalArgumentException if the number is not positive
     */
    static Target layers(int layers) {
        return new LayerTarget(layers);
    }

    /**
     * Asks for a share of the parameters to go, those outside of the layers counted among all.
     *
     * @param ratio the share, between 0 and 1
     * @return the target
     * @throws IllegalArgumentException if the share is not between 0 and 1
     */
    static Target ratio(double ratio) {
        return new ParameterTarget(ratio);
    }

    /**
     * Asks for a size of the weights.
     *
     * @param bytes the most bytes
     * @return the target
     * @throws IllegalArgumentException if the size is not positive
     */
    static Target bytes(long bytes) {
        return new ByteTarget(bytes);
    }

    /**
     * Finds the highest number of layers that meets the target whichever layers are removed; where they differ in size, each removed
     * one counts as the smallest.
     *
     * @param stack the model
     * @return the number of layers
     * @throws IllegalArgumentException if the target is above what the model has, or a single layer would miss it
     */
    int layersOf(LayerStack stack);
}
