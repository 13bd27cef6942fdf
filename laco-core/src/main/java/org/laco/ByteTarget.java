package org.laco;

import static com.google.common.base.Preconditions.checkArgument;

import org.laco.stack.Footprint;
import org.laco.stack.LayerStack;

/** A size of the stored weights. */
record ByteTarget(long bytes) implements Target {
    ByteTarget {
        checkArgument(bytes > 0, "a model needs at least one byte, not a target of %s", bytes);
    }

    @Override
    public int layersOf(LayerStack stack) {
        LayerSizes sizes = LayerSizes.of(stack, tensor -> tensor.tensor().byteLength());
        long total = sizes.total() + Footprint.of(stack).bytesOutsideLayers();
        return sizes.layersAfter(total - bytes, this);
    }

    @Override
    public String toString() {
        return bytes + " bytes";
    }
}
