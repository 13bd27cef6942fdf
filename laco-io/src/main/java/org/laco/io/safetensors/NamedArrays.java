package org.laco.io.safetensors;

import com.google.common.collect.ImmutableMap;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.function.Function;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** What {@link Safetensors} has read: arrays in their stored type, and the metadata. The arrays may be changed; the file isn't. */
public final class NamedArrays implements AutoCloseable {
    private final String place;
    private final ImmutableMap<String, INDArray> arrays;
    private final ImmutableMap<String, String> metadata;

    private NamedArrays(String place, ImmutableMap<String, INDArray> arrays, ImmutableMap<String, String> metadata) {
        this.place = place;
        this.arrays = arrays;
        this.metadata = metadata;
    }

    static NamedArrays load(Path place, SafetensorsHeader header, Function<TensorEntry, INDArray> loading)
            throws SafetensorsException {
        requireTypes(place, header);
        Map<String, INDArray> arrays = new LinkedHashMap<>();
        try {
            header.tensors().forEach(entry -> arrays.put(entry.name(), loading.apply(entry)));
        } catch (Throwable e) {
            arrays.values().forEach(INDArray::close);
            throw e;
        }
        return new NamedArrays(place.toString(), ImmutableMap.copyOf(arrays), header.metadata());
    }

    private static void requireTypes(Path place, SafetensorsHeader header) throws SafetensorsException {
        for (TensorEntry entry : header.tensors()) {
            if (entry.dtype().dataType() == DataType.UNKNOWN) {
                throw SafetensorsException.in(
                        place,
                        "tensor '%s' has the dtype %s, which ND4J has no type for; SafetensorsFile reads the file's other tensors,"
                                + " and the bytes of this one",
                        entry.name(),
                        entry.dtype());
            }
        }
    }

    static INDArray uninitialized(TensorEntry entry) {
        return Nd4j.createUninitialized(entry.dtype().dataType(), entry.shape().toArray(), 'c');
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
