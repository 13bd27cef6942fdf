package org.laco.tensor;

import com.google.common.primitives.Longs;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.laco.base.Internal;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Keeps float32 arrays for use again, since allocating one of a layer's size costs more than filling it, and making any costs tens of
 * microseconds.
 *
 * <p>Several threads may use a pool at once. Arrays taken have any content.
 */
@Internal
public final class ArrayPool implements AutoCloseable {
    /** The kept arrays by shape; the shape that was used last comes last. */
    private final Map<List<Long>, Deque<INDArray>> free = new LinkedHashMap<>(16, 0.75f, true);

    private long limit;
    private long kept;
    private boolean closed;

    private ArrayPool(long limit) {
        this.limit = limit;
    }

    /**
     * Makes an empty pool that keeps all that it is given.
     *
     * @return the pool
     */
    public static ArrayPool create() {
        return new ArrayPool(Long.MAX_VALUE);
    }

    /**
     * Makes an empty pool that frees the arrays of shapes that were not used for longest when it would keep too much.
     *
     * @param bytes what it keeps at most
     * @return the pool
     */
    public static ArrayPool upTo(long bytes) {
        return new ArrayPool(bytes);
    }

    /**
     * Makes a pool that keeps nothing: what is given back is freed at once.
     *
     * @return the pool
     */
    public static ArrayPool unpooled() {
        return new ArrayPool(0);
    }

    /**
     * Takes an array, a kept one if there is one of the shape.
     *
     * @param shape the shape
     * @return an array in 'c' order with any content
     */
    public INDArray take(long... shape) {
        synchronized (free) {
            Deque<INDArray> same = free.get(Longs.asList(shape));
            if (same != null && !same.isEmpty()) {
                INDArray array = same.pop();
                kept -= bytes(array);
                return array;
            }
        }
        return Nd4j.createUninitialized(DataType.FLOAT, shape, 'c');
    }

    /**
     * Gives an array back, which the caller must not use any more.
     *
     * @param array a dense float32 array in 'c' order that is no view of another one, as {@link #take} returns
     */
    public void give(INDArray array) {
        long size = bytes(array);
        synchronized (free) {
            if (closed || size > limit) {
                array.close();
                return;
            }
            free.computeIfAbsent(Longs.asList(array.shape().clone()), shape -> new ArrayDeque<>())
                    .push(array);
            kept += size;
            shrink();
        }
    }

    /**
     * Changes how much is kept at most.
     *
     * @param more by how many bytes, negative for less
     */
    public void allow(long more) {
        synchronized (free) {
            limit += more;
            shrink();
        }
    }

    private void shrink() {
        for (Iterator<Deque<INDArray>> shapes = free.values().iterator(); kept > limit; ) {
            Deque<INDArray> oldest = shapes.next();
            while (kept > limit && !oldest.isEmpty()) {
                INDArray array = oldest.pop();
                kept -= bytes(array);
                array.close();
            }
            if (oldest.isEmpty()) {
                shapes.remove();
            }
        }
    }

    private static long bytes(INDArray array) {
        return array.length() * Float.BYTES;
    }

    /** Frees the kept arrays; what is given back afterwards is freed at once. */
    @Override
    public void close() {
        synchronized (free) {
            free.values().forEach(arrays -> arrays.forEach(INDArray::close));
            free.clear();
            kept = 0;
            closed = true;
        }
    }
}
