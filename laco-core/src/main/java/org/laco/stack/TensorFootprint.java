package org.laco.stack;

import org.laco.tensor.TensorRole;

/** What a stack takes of which only the layers' tensors are known. */
record TensorFootprint(LayerStack stack) implements Footprint {
    @Override
    public long parametersOutsideLayers() {
        return 0;
    }

    @Override
    public long bytesOutsideLayers() {
        return 0;
    }

    @Override
    public long loadedBytes(int layer, boolean merged) {
        return stack.tensors(layer).values().stream()
                .filter(tensor -> tensor.role() != TensorRole.BUFFER)
                .mapToLong(tensor -> Float.BYTES * tensor.tensor().length())
                .sum();
    }
}
