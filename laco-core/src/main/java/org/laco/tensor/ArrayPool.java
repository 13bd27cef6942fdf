package org.laco.tensor;

import com.google.common.collect.ArrayListMultimap;
import com.google.common.collect.ListMultimap;
import com.google.common.primitives.Longs;
import java.util.List;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Keeps float32 arrays for use again, since allocating one of a layer's size costs more than filling it.
 *
 * <p>Several threads may use a pool at once. Arrays taken have any content.
 */
public final class ArrayPool implements AutoCloseable {
    private final ListMultimap<List<Long>, INDArray> free = ArrayListMultimap.create();
    private final boolean keeps;

    private ArrayPool(boolean keeps) {
        this.keeps = keeps;
    }

    /**
     * Makes an empty pool.
     *
     * @return the pool
     */
    public static ArrayPool create() {
        return new ArrayPool(true);
    }

    /**
     * Makes a pool that keeps nothing: what is given back is freed at once.
     *
     * @return the pool
     */
    public static ArrayPool unpooled() {
        return new ArrayPool(false);
    }

    /**
     * Takes an array, a kept one if there is one of the shape.
     *
     * @param shape the shape
     * @return an array in 'c' order with any content
     */
    public INDArray take(long... shape) {
        synchronized (free) {
            List<INDArray> kept = free.get(Longs.asList(shape));
            if (!kept.isEmpty()) {
                return kept.remove(kept.size() - 1);
            }
        }
        return Nd4j.createUninitialized(DataType.FLOAT, shape, 'c');
    }

    /**
     * Gives an array back, which the caller must not use any more.
     *
     * @param array an array that {@link #take} returned
     */
    public void give(INDArray array) {
        if (keeps) {
            synchronized (free) {
                free.put(Longs.asList(array.shape().clone()), array);
            }
        } else {
            array.close();
        }
    }

    /** Frees the kept arrays. */
    @Override
    public void close() {
        synchronized (free) {
            free.values().forEach(INDArray::close);
            free.clear();
        }
    }
}
