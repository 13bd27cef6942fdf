package org.laco.tensor;

import com.google.common.collect.ImmutableMap;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.concurrent.ConcurrentHashMap;
import org.nd4j.linalg.api.ndarray.INDArray;

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
     * Tells whether the layer has a tensor of a name.
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
        return loaded.computeIfAbsent(name, this::read);
    }

    private INDArray read(String name) {
        LayerTensor stored = tensors.get(name);
        if (stored == null) {
            throw new NoSuchElementException("the layer has no tensor " + name + ", only " + tensors.keySet());
        }
        INDArray values = pool.take(stored.tensor().shape());
        stored.tensor().copyTo(values);
        return values;
    }

    /** Gives the arrays back. */
    @Override
    public void close() {
        loaded.values().forEach(pool::give);
        loaded.clear();
    }
}
