package org.laco.tensor;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.util.Map;
import java.util.NoSuchElementException;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Tensors held in memory. */
public final class InMemoryTensors implements TensorSource {
    private final ImmutableMap<String, StoredTensor> tensors;

    private InMemoryTensors(ImmutableMap<String, StoredTensor> tensors) {
        this.tensors = tensors;
    }

    /**
     * Wraps arrays by name, which must not be changed or closed as long as the source is used.
     *
     * @param arrays the arrays in their stored types
     * @return the source, in the map's order
     */
    public static InMemoryTensors of(Map<String, INDArray> arrays) {
        ImmutableMap.Builder<String, StoredTensor> tensors = ImmutableMap.builder();
        arrays.forEach((name, values) -> tensors.put(name, ArrayTensor.of(name, values)));
        return new InMemoryTensors(tensors.buildOrThrow());
    }

    @Override
    public ImmutableList<String> names() {
        return tensors.keySet().asList();
    }

    @Override
    public boolean contains(String name) {
        return tensors.containsKey(name);
    }

    @Override
    public StoredTensor tensor(String name) {
        StoredTensor tensor = tensors.get(name);
        if (tensor == null) {
            throw new NoSuchElementException("tensor " + name + " is not among the " + tensors.size() + " in memory");
        }
        return tensor;
    }

    /** Does nothing: the arrays are the caller's. */
    @Override
    public void close() {}
}
