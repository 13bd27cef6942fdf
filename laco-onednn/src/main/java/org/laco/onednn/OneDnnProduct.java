package org.laco.onednn;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.bytedeco.dnnl.dnnl_version_t;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.Pointer;
import org.laco.kernel.Activation;
import org.laco.kernel.MatrixProduct;
import org.laco.kernel.Nd4jKernels;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.nativeblas.NativeOps;
import org.nd4j.nativeblas.NativeOpsHolder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Products by oneDNN, each in the thread that asks for it.
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
    private static final String TILES = "amx";
    private static final String INSTRUCTIONS = "bf16";

    private final MatrixProduct otherwise = MatrixProduct.ofNd4j();
    private final CompiledProducts products;
    private final Queue<Scratchpad> scratchpads;
    private final Map<DataType, Boolean> widened = new ConcurrentHashMap<>();

    private final boolean rounds;

    /** Makes the product in float32; nothing is loaded before {@link #isAvailable}. */
    public OneDnnProduct() {
        this(new CompiledProducts(), new ConcurrentLinkedQueue<>(), false);
    }

    private OneDnnProduct(CompiledProducts products, Queue<Scratchpad> scratchpads, boolean rounds) {
        this.products = products;
        this.scratchpads = scratchpads;
        this.rounds = rounds;
    }

    @Override
    public String name() {
        dnnl_version_t version = dnnl.dnnl_version();
        return "oneDNN " + version.major() + "." + version.minor() + "." + version.patch();
    }

    /**
     * Returns the product that takes bfloat16 weights as they are stored and rounds its input to bfloat16 too, with sums in float32.
     *
     * <p>It is faster where the processor has tiles of bfloat16 (AMX). With AVX-512's bfloat16 instructions alone, AMD's processors were
     * measured to take 0.5 to 0.6 times as long as in float32, but Intel's 1.7 times as long.
     *
     * @param anyway whether to return it where it isn't faster
     * @return the product, if it is faster, or works and is wanted anyway
     */
    @Override
    public Optional<MatrixProduct> rounded(boolean anyway) {
        String implementation = implementation(ProductShape.probe(DataType.BFLOAT16, true));
        boolean safe = implementation.startsWith(SAFE);
        boolean faster = implementation.contains(TILES)
                || implementation.contains(INSTRUCTIONS)
                        && Processor.ofThisMachine().isAmd();
        return safe && (faster || anyway)
                ? Optional.of(new OneDnnProduct(products, scratchpads, true))
                : Optional.empty();
    }

    /**
     * Tells in which type weights of a stored type are multiplied: bfloat16 and float16 as they are where oneDNN can widen them while it
     * packs them, which gives what float32 weights give, bit for bit, and takes less time and memory.
     */
    @Override
    public DataType weightType(DataType stored) {
        if (rounds) {
            return stored == DataType.BFLOAT16 ? stored : DataType.FLOAT;
        }
        boolean half = stored == DataType.BFLOAT16 || stored == DataType.HALF;
        return half && widened.computeIfAbsent(stored, this::isWidened) ? stored : DataType.FLOAT;
    }

    private boolean isWidened(DataType stored) {
        return implementation(ProductShape.probe(stored, false)).startsWith(SAFE);
    }

    /** Names how oneDNN computes a product, empty if this processor lacks what it takes. */
    private String implementation(ProductShape shape) {
        try {
            CompiledProduct compiled = products.take(shape);
            products.give(shape, compiled);
            return compiled.implementation();
        } catch (OneDnnException e) {
            LOGGER.debug("this processor has no products by weights of {}: {}", shape.weights(), e.getMessage());
            return "";
        }
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
    public boolean gates(Activation activation) {
        return true;
    }

    @Override
    public void multiply(INDArray x, INDArray weight, boolean inputFirst, INDArray out) {
        ProductShape shape = shape(x, weight, inputFirst, out, Optional.empty());
        inOneThread(() -> {
            if (!run(shape, x, weight, out, out)) {
                multiplyOtherwise(x, weight, inputFirst, out);
            }
        });
    }

    @Override
    public void multiplyGated(
            Activation activation, INDArray x, INDArray weight, boolean inputFirst, INDArray factors, INDArray out) {
        checkArgument(
                Arrays.equals(factors.shape(), out.shape()),
                "factors %s don't fit a product %s",
                Arrays.toString(factors.shape()),
                Arrays.toString(out.shape()));
        ProductShape shape = shape(x, weight, inputFirst, out, Optional.of(activation));
        inOneThread(() -> {
            if (!run(shape, x, weight, factors, out)) {
                multiplyOtherwise(x, weight, inputFirst, out);
                new Nd4jKernels().gate(activation, out, factors);
            }
        });
    }

    /** ND4J and oneDNN use the same OpenMP, whose number of threads is one of each calling thread. */
    private static void inOneThread(Runnable task) {
        NativeOps openMp = NativeOpsHolder.getInstance().getDeviceNativeOps();
        int threads = openMp.ompGetMaxThreads();
        openMp.setOmpNumThreads(1);
        try {
            task.run();
        } finally {
            openMp.setOmpNumThreads(threads);
        }
    }

    private ProductShape shape(
            INDArray x, INDArray weight, boolean inputFirst, INDArray out, Optional<Activation> gate) {
        boolean rounded = rounds && weight.dataType() != DataType.FLOAT;
        ProductShape shape =
                new ProductShape(x.size(0), x.size(1), out.size(1), inputFirst, weight.dataType(), rounded, gate);
        checkArgument(
                weight.size(inputFirst ? 0 : 1) == shape.in()
                        && weight.size(inputFirst ? 1 : 0) == shape.out()
                        && out.size(0) == shape.rows(),
                "a weight [%s, %s] doesn't fit a product of %s",
                weight.size(0),
                weight.size(1),
                shape);
        return shape;
    }

    /** Runs a product, or returns false if oneDNN has only one that isn't safe. */
    private boolean run(ProductShape shape, INDArray x, INDArray weight, INDArray factors, INDArray out) {
        CompiledProduct product = products.take(shape);
        boolean safe = product.implementation().startsWith(SAFE);
        if (safe) {
            Scratchpad scratch = scratchpads.poll();
            Scratchpad used = scratch == null ? new Scratchpad() : scratch;
            product.run(address(x), address(weight), address(factors), address(out), used);
            scratchpads.add(used);
        }
        products.give(shape, product);
        return safe;
    }

    private static Pointer address(INDArray array) {
        return array.data().addressPointer();
    }

    private void multiplyOtherwise(INDArray x, INDArray weight, boolean inputFirst, INDArray out) {
        if (weight.dataType() == DataType.FLOAT) {
            otherwise.multiply(x, weight, inputFirst, out);
        } else {
            try (INDArray widenedWeight = weight.castTo(DataType.FLOAT)) {
                otherwise.multiply(x, widenedWeight, inputFirst, out);
            }
        }
    }
}
