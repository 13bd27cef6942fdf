package org.laco.onednn;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.dnnl.dnnl_engine;
import org.bytedeco.dnnl.global.dnnl;

/** Keeps compiled products of the shapes that were used last, as many of each as threads used it at the same time. */
final class CompiledProducts implements AutoCloseable {
    private static final int SHAPES = 1024;

    /** The idle products by shape; the shape that was used last comes last. */
    private final Map<ProductShape, Deque<CompiledProduct>> idle = new LinkedHashMap<>(16, 0.75f, true);

    private dnnl_engine engine;
    private int live;
    private boolean closed;

    /** Takes a product that nobody else uses until it is given back. */
    CompiledProduct take(ProductShape shape) {
        dnnl_engine processor;
        synchronized (this) {
            Deque<CompiledProduct> same = idle.get(shape);
            if (same != null && !same.isEmpty()) {
                return same.pop();
            }
            processor = processor();
            live++;
        }
        // Other threads go on while this one compiles.
        try {
            return new CompiledProduct(processor, shape);
        } catch (RuntimeException e) {
            released();
            throw e;
        }
    }

    private dnnl_engine processor() {
        if (engine == null) {
            engine = new dnnl_engine();
            OneDnnException.check(dnnl.dnnl_engine_create(engine, dnnl.dnnl_cpu, 0), "use the processor");
        }
        return engine;
    }

    /** Gives a product back, which is closed if these are. */
    synchronized void give(ProductShape shape, CompiledProduct product) {
        if (closed) {
            close(product);
            return;
        }
        idle.computeIfAbsent(shape, same -> new ArrayDeque<>()).push(product);
        if (idle.size() > SHAPES) {
            Iterator<Deque<CompiledProduct>> shapes = idle.values().iterator();
            shapes.next().forEach(this::close);
            shapes.remove();
        }
    }

    private void close(CompiledProduct product) {
        product.close();
        released();
    }

    /** The engine goes with the last product that was compiled for it. */
    private synchronized void released() {
        live--;
        closeEngineIfUnused();
    }

    private void closeEngineIfUnused() {
        if (closed && live == 0 && engine != null) {
            dnnl.dnnl_engine_destroy(engine);
            engine = null;
        }
    }

    /** Returns how many products there are, idle and lent. */
    synchronized int live() {
        return live;
    }

    /** Closes what is idle now, and what is lent when it is given back. */
    @Override
    public synchronized void close() {
        closed = true;
        idle.values().forEach(products -> products.forEach(this::close));
        idle.clear();
        closeEngineIfUnused();
    }
}
