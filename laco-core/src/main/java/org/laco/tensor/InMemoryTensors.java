package org.laco.tensor;

import com.google.common.collect.ImmutableMap;
import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Tensors held in memory. */
public final class InMemoryTensors extends NamedTensors<StoredTensor> {
    private InMemoryTensors(ImmutableMap<String, StoredTensor> tensors) {
        super("memory", tensors);
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

    /** Does nothing: the arrays are the caller's. */
    @Override
    public void close() {}
}
