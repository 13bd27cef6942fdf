package org.laco;

import static com.google.common.base.Preconditions.checkArgument;

import org.laco.stack.Footprint;
import org.laco.stack.LayerStack;
import org.laco.tensor.LayerTensor;
import org.laco.tensor.TensorRole;

/** A share of the parameters that goes. */
record ParameterTarget(double ratio) implements Target {
    ParameterTarget {
        checkArgument(
                ratio > 0 && ratio < 1, "the share of parameters to remove must be between 0 and 1, not %s", ratio);
    }

    @Override
    public int layersOf(LayerStack stack) {
        LayerSizes sizes = LayerSizes.of(stack, ParameterTarget::parameters);
        long total = sizes.total() + Footprint.of(stack).parametersOutsideLayers();
        return sizes.layersAfter(ratio * total, this);
    }

    private static long parameters(LayerTensor tensor) {
        return tensor.role() == TensorRole.BUFFER ? 0 : tensor.tensor().length();
    }

    @Override
    public String toString() {
        return ratio + " of the parameters less";
    }
}
