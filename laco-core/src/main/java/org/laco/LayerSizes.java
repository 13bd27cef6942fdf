package org.laco;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.primitives.ImmutableLongArray;
import java.util.function.ToLongFunction;
import java.util.stream.IntStream;
import org.laco.stack.LayerStack;
import org.laco.tensor.LayerTensor;

/**
 * How large each layer of a model is, in parameters or in bytes.
 *
 * @param sizes one size a layer
 */
record LayerSizes(ImmutableLongArray sizes) {
    static LayerSizes of(LayerStack stack, ToLongFunction<LayerTensor> size) {
        return new LayerSizes(ImmutableLongArray.copyOf(IntStream.range(0, stack.layerCount())
                .mapToLong(layer ->
                        stack.tensors(layer).values().stream().mapToLong(size).sum())));
    }

    long total() {
        return sizes.stream().sum();
    }

    /** Returns how many layers are left when so much has gone, each removed one counted as the smallest. */
    int layersAfter(double toRemove, Target target) {
        double removed = Math.max(0, Math.ceil(toRemove / sizes.stream().min().orElseThrow()));
        checkArgument(
                removed < sizes.length(),
                "the target of %s can't be met by removing layers: of %s layers %s would have to go",
                target,
                sizes.length(),
                (long) removed);
        return sizes.length() - (int) removed;
    }
}
