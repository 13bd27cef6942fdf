package org.laco.io.array;

import com.google.common.collect.ImmutableMap;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.function.Function;
import org.laco.io.safetensors.Dtype;
import org.laco.io.safetensors.Tensor;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** What {@link SafetensorsArrays} has read: arrays in their stored type, and the metadata. The arrays may be changed; the file isn't. */
public final class NamedArrays implements AutoCloseable {
    private final String place;
    private final ImmutableMap<String, INDArray> arrays;
    private final ImmutableMap<String, String> metadata;

    private NamedArrays(String place, ImmutableMap<String, INDArray> arrays, ImmutableMap<String, String> metadata) {
        this.place = place;
        this.arrays = arrays;
        this.metadata = metadata;
    }

    static NamedArrays load(
            String place,
            ImmutableMap<String, Dtype> types,
            ImmutableMap<String, String> metadata,
            Function<String, INDArray> loading)
            throws IOException {
        requireTypes(place, types);
        Map<String, INDArray> arrays = new LinkedHashMap<>();
        try {
            types.keySet().forEach(name -> arrays.put(name, loading.apply(name)));
        } catch (Throwable e) {
            arrays.values().forEach(INDArray::close);
            throw e;
        }
        return new NamedArrays(place, ImmutableMap.copyOf(arrays), metadata);
    }

    private static void requireTypes(String place, ImmutableMap<String, Dtype> types) throws IOException {
        for (Map.Entry<String, Dtype> type : types.entrySet()) {
            if (ElementTypes.dataType(type.getValue()) == DataType.UNKNOWN) {
                throw new IOException(
                        place + ": tensor '" + type.getKey() + "' has the dtype " + type.getValue()
                                + ", which ND4J has no type for; Safetensors reads its bytes, and FileTensors the file's other tensors");
            }
        }
    }

    /** Copies a tensor in memory. */
    static INDArray array(Tensor tensor) {
        DataType type = ElementTypes.dataType(tensor.dtype());
        INDArray values = Nd4j.createUninitialized(type, tensor.shape(), 'c');
        if (!values.isEmpty()) {
            new ElementCopy(type).assign(tensor.bytes(), values, 0);
        }
        return values;
    }

    /**
     * Returns all arrays.
     *
     * @return the arrays by name, in the order of their data in the file
     */
    public ImmutableMap<String, INDArray> arrays() {
        return arrays;
    }

    /**
     * Returns one array.
     *
     * @param name the tensor's full name
     * @return the array
     * @throws NoSuchElementException if there is none of that name
     */
    public INDArray array(String name) {
        INDArray array = arrays.get(name);
        if (array == null) {
            throw new NoSuchElementException(place + ": no tensor is named '" + name + "'");
        }
        return array;
    }

    /**
     * Returns the free text under {@code __metadata__}, such as {@code format=pt}.
     *
     * @return the texts by key, empty if there are none
     */
    public ImmutableMap<String, String> metadata() {
        return metadata;
    }

    /** Frees the memory of all arrays. */
    @Override
    public void close() {
        arrays.values().stream().filter(INDArray::closeable).forEach(INDArray::close);
    }
}
