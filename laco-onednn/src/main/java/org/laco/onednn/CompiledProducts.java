package org.laco.onednn;

import com.google.common.base.Supplier;
import com.google.common.base.Suppliers;
import com.google.common.cache.CacheBuilder;
import com.google.common.cache.CacheLoader;
import com.google.common.cache.LoadingCache;
import com.google.common.cache.RemovalNotification;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.bytedeco.dnnl.dnnl_engine;
import org.bytedeco.dnnl.global.dnnl;

/** Keeps compiled products of the shapes that were used last, as many of each as threads used it at the same time. */
final class CompiledProducts {
    private static final int SHAPES = 1024;

    private final Supplier<dnnl_engine> engine = Suppliers.memoize(CompiledProducts::processor);
    private final LoadingCache<ProductShape, Queue<CompiledProduct>> idle = CacheBuilder.newBuilder()
            .maximumSize(SHAPES)
            .removalListener(
                    (RemovalNotification<ProductShape, Queue<CompiledProduct>> dropped) -> drain(dropped.getValue()))
            .build(CacheLoader.from(shape -> new ConcurrentLinkedQueue<>()));

    private static dnnl_engine processor() {
        dnnl_engine engine = new dnnl_engine();
        OneDnnException.check(dnnl.dnnl_engine_create(engine, dnnl.dnnl_cpu, 0), "use the processor");
        return engine;
    }

    /** Closes what is idle, each only after it is nobody else's to take. */
    private static void drain(Queue<CompiledProduct> queue) {
        for (CompiledProduct product = queue.poll(); product != null; product = queue.poll()) {
            product.close();
        }
    }

    /** Takes a product that nobody else uses until it is given back. */
    CompiledProduct take(ProductShape shape) {
        CompiledProduct kept = idle.getUnchecked(shape).poll();
        return kept == null ? new CompiledProduct(engine.get(), shape) : kept;
    }

    /** Gives a product back. */
    void give(ProductShape shape, CompiledProduct product) {
        idle.getUnchecked(shape).add(product);
    }
}
