package org.laco.tensor;

import com.google.common.collect.ImmutableMap;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The weights of one layer as float32 arrays, brought to where ND4J computes and let go together.
 *
 * <pre>{@code
 * try (LayerWeights weights = LayerWeights.load(stack.tensors(3))) {
 *     INDArray up = weights.array("mlp.up_proj.weight");   // [intermediate, width]
 * }
 * }</pre>
 *
 * <p>An array is loaded when it is first asked for. The arrays must not be changed. Several threads may ask for arrays at once.
 */
public final class LayerWeights implements AutoCloseable {
    private final ImmutableMap<String, LayerTensor> tensors;
    private final ArrayPool pool;
    private final Map<String, INDArray> loaded = new ConcurrentHashMap<>();
    private final Map<String, INDArray> unconverted = new ConcurrentHashMap<>();

    private LayerWeights(ImmutableMap<String, LayerTensor> tensors, ArrayPool pool) {
        this.tensors = tensors;
        this.pool = pool;
    }

    /**
     * Prepares the weights of a layer.
     *
     * @param tensors the tensors by their names within the layer
     * @return the weights
     */
    public static LayerWeights load(ImmutableMap<String, LayerTensor> tensors) {
        return new LayerWeights(tensors, ArrayPool.unpooled());
    }

    /**
     * Prepares the weights of a layer in arrays that are used again for the next one.
     *
     * @param tensors the tensors by their names within the layer
     * @param pool where arrays are taken from and given back to
     * @return the weights
     */
    public static LayerWeights load(ImmutableMap<String, LayerTensor> tensors, ArrayPool pool) {
        return new LayerWeights(tensors, pool);
    }

    /**
     * Returns whether the layer has a tensor of a name.
     *
     * @param name the name within the layer
     * @return true if {@link #array} will find it
     */
    public boolean contains(String name) {
        return tensors.containsKey(name);
    }

    /**
     * Returns a tensor's values.
     *
     * @param name the name within the layer, such as {@code mlp.up_proj.weight}
     * @return the values as float32, valid until this object is closed
     * @throws NoSuchElementException if the layer has no tensor of that name
     */
    public INDArray array(String name) {
        return loaded.computeIfAbsent(name, missing -> read(tensor(missing)));
    }

    /**
     * Returns a tensor's values in a type that may be the stored one, where they lie if that is possible.
     *
     * @param name the name within the layer
     * @param type gives the wanted type for the stored one, that or {@code FLOAT}
     * @return the values, valid until this object is closed
     * @throws NoSuchElementException if the layer has no tensor of that name
     */
    public INDArray array(String name, UnaryOperator<DataType> type) {
        StoredTensor stored = tensor(name);
        return type.apply(stored.dataType()) == DataType.FLOAT
                ? array(name)
                : unconverted.computeIfAbsent(name, missing -> stored.inPlace().orElseGet(() -> copy(stored)));
    }

    /**
     * Returns one matrix of a stack, reading no other, in a type that may be the stored one.
     *
     * @param name the stack's name within the layer, of shape {@code [matrices, rows, columns]}
     * @param index the matrix's number in the stack
     * @param type gives the wanted type for the stored one, that or {@code FLOAT}
     * @return the matrix {@code [rows, columns]}, valid until this object is closed
     * @throws NoSuchElementException if the layer has no tensor of that name
     */
    public INDArray matrix(String name, int index, UnaryOperator<DataType> type) {
        StoredTensor stored = tensor(name);
        String key = name + "[" + index + "]";
        if (type.apply(stored.dataType()) == DataType.FLOAT) {
            return loaded.computeIfAbsent(key, missing -> readMatrix(stored, index));
        }
        return stored.liesInPlace()
                ? HostFloats.matrix(array(name, type), index)
                : unconverted.computeIfAbsent(key, missing -> copyMatrix(stored, index));
    }

    private INDArray readMatrix(StoredTensor stored, int index) {
        long[] shape = stored.shape();
        INDArray values = pool.take(shape[1], shape[2]);
        stored.copyRows(index, values.reshape('c', 1, shape[1], shape[2]));
        return values;
    }

    private static INDArray copyMatrix(StoredTensor stored, int index) {
        long[] shape = stored.shape();
        INDArray values = Nd4j.createUninitialized(stored.dataType(), new long[] {shape[1], shape[2]}, 'c');
        stored.copyRows(index, values.reshape('c', 1, shape[1], shape[2]));
        return values;
    }

    private StoredTensor tensor(String name) {
        LayerTensor stored = tensors.get(name);
        if (stored == null) {
            throw new NoSuchElementException("the layer has no tensor " + name + ", only " + tensors.keySet());
        }
        return stored.tensor();
    }

    private INDArray read(StoredTensor stored) {
        INDArray values = pool.take(stored.shape());
        stored.copyTo(values);
        return values;
    }

    private static INDArray copy(StoredTensor stored) {
        INDArray values = Nd4j.createUninitialized(stored.dataType(), stored.shape(), 'c');
        stored.copyTo(values);
        return values;
    }

    /** Gives the arrays back; those that are asked for afterwards are loaded again. */
    public void unload() {
        loaded.values().forEach(pool::give);
        loaded.clear();
        unconverted.values().forEach(INDArray::close);
        unconverted.clear();
    }

    /** Gives the arrays back. */
    @Override
    public void close() {
        unload();
    }
}
