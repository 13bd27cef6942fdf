package org.laco;

import static com.google.common.base.Preconditions.checkArgument;

import org.laco.stack.LayerStack;

/** A number of layers. */
record LayerTarget(int layers) implements Target {
    LayerTarget {
        checkArgument(layers >= 1, "a model needs at least one layer, not a target of %s", layers);
    }

    @Override
    public int layersOf(LayerStack stack) {
        checkArgument(
                layers <= stack.layerCount(),
                "the target of %s layers is more than the model has: %s",
                layers,
                stack.layerCount());
        return layers;
    }

    @Override
    public String toString() {
        return layers + " layers";
    }
}
