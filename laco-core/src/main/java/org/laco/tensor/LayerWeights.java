package org.laco.tensor;

import com.google.common.collect.ImmutableMap;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
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
 *
 * <p>Weights of which few are needed at a time, as those of experts, are asked for {@link #briefly}, so that a layer of hundreds of experts is
 * never in memory as a whole unless there is room for it.
 */
public final class LayerWeights implements AutoCloseable {
    private final ImmutableMap<String, LayerTensor> tensors;
    private final ArrayPool pool;
    private final Map<ArrayKey, Loaded> loaded;
    private final RecentArrays recent;
    /** What this view of the weights uses of the recent arrays; null for the weights themselves, which hold all that they are asked for. */
    private final Map<ArrayKey, RecentArrays.Held> used;

    private LayerWeights(
            ImmutableMap<String, LayerTensor> tensors,
            ArrayPool pool,
            Map<ArrayKey, Loaded> loaded,
            RecentArrays recent,
            Map<ArrayKey, RecentArrays.Held> used) {
        this.tensors = tensors;
        this.pool = pool;
        this.loaded = loaded;
        this.recent = recent;
        this.used = used;
    }

    /** An array and how it is let go. */
    private record Loaded(INDArray array, Consumer<INDArray> free) {}

    /**
     * Prepares the weights of a layer.
     *
     * @param tensors the tensors by their names within the layer
     * @return the weights
     */
    public static LayerWeights load(ImmutableMap<String, LayerTensor> tensors) {
        return load(tensors, ArrayPool.unpooled(), Long.MAX_VALUE);
    }

    /**
     * Prepares the weights of a layer in arrays that are used again for the next one.
     *
     * @param tensors the tensors by their names within the layer
     * @param pool where arrays are taken from and given back to
     * @param bound how many bytes of what is asked for {@link #briefly} are held at most, unless what is used at once takes more
     * @return the weights
     */
    public static LayerWeights load(ImmutableMap<String, LayerTensor> tensors, ArrayPool pool, long bound) {
        return new LayerWeights(tensors, pool, new ConcurrentHashMap<>(), new RecentArrays(bound), null);
    }

    /**
     * Returns these weights for a while: what is asked for through them is held until they are closed, and afterwards only if there is room for
     * it.
     *
     * @return a view, which the caller closes before these weights
     */
    public LayerWeights briefly() {
        return new LayerWeights(tensors, pool, loaded, recent, new ConcurrentHashMap<>());
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
        return get(whole(name, stored -> DataType.FLOAT));
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
        return isUsedInPlace(stored, type) ? inPlace(name, stored) : get(whole(name, type));
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
        return isUsedInPlace(stored, type)
                ? HostFloats.matrix(inPlace(name, stored), index)
                : get(matrix(stored, name, index, type));
    }

    /**
     * Reads a tensor's values before they are needed, unless another thread does.
     *
     * @param name the name within the layer
     * @param type gives the wanted type for the stored one, that or {@code FLOAT}
     * @throws NoSuchElementException if the layer has no tensor of that name
     */
    public void readAhead(String name, UnaryOperator<DataType> type) {
        if (!isUsedInPlace(tensor(name), type)) {
            getAhead(whole(name, type));
        }
    }

    /**
     * Reads one matrix of a stack before it is needed, unless another thread does.
     *
     * @param name the stack's name within the layer, of shape {@code [matrices, rows, columns]}
     * @param index the matrix's number in the stack
     * @param type gives the wanted type for the stored one, that or {@code FLOAT}
     * @throws NoSuchElementException if the layer has no tensor of that name
     */
    public void readAhead(String name, int index, UnaryOperator<DataType> type) {
        StoredTensor stored = tensor(name);
        if (!isUsedInPlace(stored, type)) {
            getAhead(matrix(stored, name, index, type));
        }
    }

    /**
     * Returns how much of what is asked for {@link #briefly} this view holds, whether it was read yet or not.
     *
     * @return the size in bytes, 0 for what lies where it is used
     */
    public long heldBytes() {
        return used == null
                ? 0
                : used.values().stream().mapToLong(RecentArrays.Held::bytes).sum();
    }

    /**
     * Returns how many bytes of what is asked for {@link #briefly} are held at most, unless what is used at once takes more.
     *
     * @return the bound
     */
    public long bound() {
        return recent.bound();
    }

    private boolean isUsedInPlace(StoredTensor stored, UnaryOperator<DataType> type) {
        return type.apply(stored.dataType()) != DataType.FLOAT && stored.liesInPlace();
    }

    /** Views of these weights share what takes no memory. */
    private INDArray inPlace(String name, StoredTensor stored) {
        return loaded.computeIfAbsent(
                        new ArrayKey(name, ArrayKey.ALL, true),
                        missing -> new Loaded(stored.inPlace().orElseGet(() -> copy(stored)), INDArray::close))
                .array;
    }

    private ReadableArray whole(String name, UnaryOperator<DataType> type) {
        StoredTensor stored = tensor(name);
        return type.apply(stored.dataType()) == DataType.FLOAT
                ? new ReadableArray(
                        new ArrayKey(name, ArrayKey.ALL, false),
                        Float.BYTES * stored.length(),
                        () -> read(stored),
                        pool::give)
                : new ReadableArray(
                        new ArrayKey(name, ArrayKey.ALL, true),
                        stored.byteLength(),
                        () -> copy(stored),
                        INDArray::close);
    }

    private ReadableArray matrix(StoredTensor stored, String name, int index, UnaryOperator<DataType> type) {
        long[] shape = stored.shape();
        return type.apply(stored.dataType()) == DataType.FLOAT
                ? new ReadableArray(
                        new ArrayKey(name, index, false),
                        Float.BYTES * shape[1] * shape[2],
                        () -> readMatrix(stored, index),
                        pool::give)
                : new ReadableArray(
                        new ArrayKey(name, index, true),
                        stored.byteLength() / shape[0],
                        () -> copyMatrix(stored, index),
                        INDArray::close);
    }

    private INDArray get(ReadableArray wanted) {
        if (used == null) {
            return loaded.computeIfAbsent(
                            wanted.key(), missing -> new Loaded(wanted.read().get(), wanted.free()))
                    .array;
        }
        Loaded kept = loaded.get(wanted.key());
        return kept == null ? held(wanted).get() : kept.array;
    }

    private void getAhead(ReadableArray wanted) {
        if (used == null) {
            get(wanted);
        } else if (!loaded.containsKey(wanted.key())) {
            held(wanted).getAhead();
        }
    }

    private RecentArrays.Held held(ReadableArray wanted) {
        return used.computeIfAbsent(wanted.key(), missing -> recent.use(wanted));
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
        if (used == null) {
            loaded.values().forEach(one -> one.free.accept(one.array));
            loaded.clear();
            recent.clear();
        } else {
            used.values().forEach(recent::release);
            used.clear();
        }
    }

    /** Gives the arrays back. */
    @Override
    public void close() {
        unload();
    }
}
