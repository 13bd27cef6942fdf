package org.laco.tensor;

import static java.util.Objects.requireNonNull;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.function.BiConsumer;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The tensors of a source as ND4J arrays in their stored types. Each array is read, or merged, when it is asked for, so that a model larger than
 * memory is gone through one tensor at a time:
 *
 * <pre>{@code
 * result.arrays().forEach((name, array) -> System.out.println(name + " " + array.norm2Number()));
 * }</pre>
 *
 * <p>Of a tensor too large for memory itself, {@link #stored} is read in blocks of rows.
 */
public final class TensorArrays {
    private final TensorSource source;

    private TensorArrays(TensorSource source) {
        this.source = source;
    }

    /**
     * Takes the tensors of a source, which must stay open as long as arrays are asked for.
     *
     * @param source the tensors
     * @return their arrays
     */
    public static TensorArrays of(TensorSource source) {
        return new TensorArrays(requireNonNull(source, "source"));
    }

    /**
     * Returns the names of all tensors in the order in which they are stored.
     *
     * @return the names, without duplicates
     */
    public ImmutableList<String> names() {
        return source.names();
    }

    /**
     * Returns a tensor without reading its values.
     *
     * @param name the full name
     * @return the tensor, with the values that would be written
     * @throws NoSuchElementException if there is none of that name
     */
    public StoredTensor stored(String name) {
        return source.tensor(name).asWritten();
    }

    /**
     * Makes the array of one tensor.
     *
     * @param name the full name
     * @return a new array of the stored type and shape, which the caller closes
     * @throws NoSuchElementException if there is none of that name
     * @throws IllegalArgumentException if ND4J has no type for the stored elements
     */
    public INDArray array(String name) {
        return stored(name).loadStored();
    }

    /**
     * Shows all arrays in the order of their names, and closes each before it makes the next.
     *
     * @param action what is done with an array of a name; it copies what it wants to keep
     * @throws IllegalArgumentException if ND4J has no type for the stored elements of one of them
     */
    public void forEach(BiConsumer<String, INDArray> action) {
        for (String name : names()) {
            try (INDArray array = array(name)) {
                action.accept(name, array);
            }
        }
    }

    /**
     * Makes all arrays, which takes as much memory as their files take on a disk.
     *
     * @return new arrays by name in the order of {@link #names}, which the caller closes
     * @throws IllegalArgumentException if ND4J has no type for the stored elements of one of them
     */
    public ImmutableMap<String, INDArray> load() {
        Map<String, INDArray> arrays = new LinkedHashMap<>();
        try {
            names().forEach(name -> arrays.put(name, array(name)));
        } catch (Throwable e) {
            arrays.values().forEach(INDArray::close);
            throw e;
        }
        return ImmutableMap.copyOf(arrays);
    }
}
