package org.laco.stack;

import com.google.common.collect.ImmutableMap;
import org.laco.tensor.NamedTensors;
import org.laco.tensor.RenamedTensor;
import org.laco.tensor.StoredTensor;

/** The tensors of all layers of a stack, by names that say which layer's they are. */
final class StackTensors extends NamedTensors<StoredTensor> {
    private StackTensors(ImmutableMap<String, StoredTensor> tensors) {
        super("the layers of the stack", tensors);
    }

    static StackTensors of(LayerStack stack) {
        ImmutableMap.Builder<String, StoredTensor> tensors = ImmutableMap.builder();
        for (int i = 0; i < stack.layerCount(); i++) {
            String prefix = "layers." + i + ".";
            stack.tensors(i)
                    .forEach((name, tensor) ->
                            tensors.put(prefix + name, RenamedTensor.of(prefix + name, tensor.tensor())));
        }
        return new StackTensors(tensors.buildOrThrow());
    }

    /** Does nothing: the stack goes on. */
    @Override
    public void close() {}
}
