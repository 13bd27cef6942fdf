package org.laco.onednn;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.bytedeco.dnnl.dnnl_version_t;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.javacpp.Loader;
import org.laco.kernel.MatrixProduct;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.nativeblas.NativeOps;
import org.nd4j.nativeblas.NativeOpsHolder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Float32 products by oneDNN, each in the thread that asks for it.
 *
 * <p>oneDNN compiles a product for its shape, which makes it faster than OpenBLAS where a weight meets few rows: there a BLAS spends much
 * of its time on packing the weight. Found as a service where this module is on the class path:
 *
 * <pre>{@code
 * System.out.println(Kernels.ofBackend().name());   // oneDNN 3.11.0
 * }</pre>
 *
 * <p>Only oneDNN's products of small blocks ({@code brg_matmul}) are used. Its older ones ({@code gemm:jit}, and {@code dnnl_sgemm}) let
 * the stack pointer point into the heap while they compute, so that a signal that arrives then, as a profiler's do, overwrites it.
 */
public final class OneDnnProduct implements MatrixProduct {
    private static final Logger LOGGER = LoggerFactory.getLogger(OneDnnProduct.class);
    private static final String SAFE = "brg";

    private final MatrixProduct otherwise = MatrixProduct.ofNd4j();
    private final CompiledProducts products = new CompiledProducts();
    private final Queue<Scratchpad> scratchpads = new ConcurrentLinkedQueue<>();

    /** Makes the product; nothing is loaded before {@link #isAvailable}. */
    public OneDnnProduct() {}

    @Override
    public String name() {
        dnnl_version_t version = dnnl.dnnl_version();
        return "oneDNN " + version.major() + "." + version.minor() + "." + version.patch();
    }

    @Override
    public boolean isAvailable() {
        try {
            Loader.load(dnnl.class);
            return true;
        } catch (LinkageError e) {
            LOGGER.info("oneDNN is not used, since its library for this platform can't be loaded: {}", e.toString());
            return false;
        }
    }

    @Override
    public void multiply(INDArray x, INDArray weight, boolean inputFirst, INDArray out) {
        ProductShape shape = new ProductShape(x.size(0), x.size(1), out.size(1), inputFirst);
        checkArgument(
                weight.size(inputFirst ? 0 : 1) == shape.in()
                        && weight.size(inputFirst ? 1 : 0) == shape.out()
                        && out.size(0) == shape.rows(),
                "a weight [%s, %s] doesn't fit a product of %s",
                weight.size(0),
                weight.size(1),
                shape);
        NativeOps openMp = NativeOpsHolder.getInstance().getDeviceNativeOps();
        int threads = openMp.ompGetMaxThreads();
        // ND4J and oneDNN use the same OpenMP, whose number of threads is one of each calling thread.
        openMp.setOmpNumThreads(1);
        try {
            CompiledProduct product = products.take(shape);
            if (product.implementation().startsWith(SAFE)) {
                Scratchpad scratch = scratchpads.poll();
                Scratchpad used = scratch == null ? new Scratchpad() : scratch;
                product.run(
                        x.data().addressPointer(),
                        weight.data().addressPointer(),
                        out.data().addressPointer(),
                        used);
                scratchpads.add(used);
            } else {
                otherwise.multiply(x, weight, inputFirst, out);
            }
            products.give(shape, product);
        } finally {
            openMp.setOmpNumThreads(threads);
        }
    }
}
