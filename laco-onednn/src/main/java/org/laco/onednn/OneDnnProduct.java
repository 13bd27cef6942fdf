package org.laco.onednn;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.bytedeco.dnnl.dnnl_version_t;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.javacpp.Pointer;
import org.laco.kernel.Activation;
import org.laco.kernel.MatrixProduct;
import org.laco.kernel.Nd4jKernels;
import org.laco.tensor.Precision;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.nativeblas.NativeOps;
import org.nd4j.nativeblas.NativeOpsHolder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Products by oneDNN, each in the thread that asks for it.
 *
 * <p>Only oneDNN's products of small blocks ({@code brg_matmul}) are used. Its older ones ({@code gemm:jit}, and {@code dnnl_sgemm}) let
 * the stack pointer point into the heap while they compute, so that a signal that arrives then, as a profiler's do, overwrites it.
 */
final class OneDnnProduct implements MatrixProduct {
    private static final Logger LOGGER = LoggerFactory.getLogger(OneDnnProduct.class);
    private static final String SAFE = "brg";

    private final MatrixProduct otherwise = MatrixProduct.ofNd4j();
    private final CompiledProducts products;
    private final Scratchpads scratchpads;
    private final Map<DataType, Boolean> widened = new ConcurrentHashMap<>();

    private final boolean rounds;

    /** Makes the product in float32, for where oneDNN's library can be loaded. */
    OneDnnProduct() {
        this(new CompiledProducts(), new Scratchpads(), false);
    }

    private OneDnnProduct(CompiledProducts products, Scratchpads scratchpads, boolean rounds) {
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
     * For bfloat16, returns the product by the processor's own instructions if oneDNN has a safe one by them, else one that rounds inputs
     * and multiplies in float32.
     */
    @Override
    public Optional<MatrixProduct> in(Precision precision) {
        if (rounds == (precision == Precision.BFLOAT16)) {
            return Optional.of(this);
        }
        if (rounds || isSafe(ProductShape.probe(DataType.BFLOAT16, true))) {
            return Optional.of(new OneDnnProduct(products, scratchpads, !rounds));
        }
        return MatrixProduct.super.in(precision);
    }

    /**
     * Returns in which type weights of a stored type are multiplied: bfloat16 and float16 as they are where oneDNN can widen them while it
     * packs them, which gives what float32 weights give, bit for bit, and takes less time and memory.
     */
    @Override
    public DataType weightType(DataType stored) {
        if (rounds && stored == DataType.BFLOAT16) {
            return stored;
        }
        boolean half = stored == DataType.BFLOAT16 || stored == DataType.HALF;
        return half && widened.computeIfAbsent(stored, this::isWidened) ? stored : DataType.FLOAT;
    }

    private boolean isWidened(DataType stored) {
        return isSafe(ProductShape.probe(stored, false));
    }

    private boolean isSafe(ProductShape shape) {
        return implementation(shape).startsWith(SAFE);
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
    public boolean gates(Activation activation) {
        return CompiledProduct.gates(activation);
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

    @Override
    public void addTransposed(INDArray a, INDArray b, INDArray sum) {
        checkArgument(
                a.size(0) == b.size(0) && a.size(1) == sum.size(0) && b.size(1) == sum.size(1),
                "a sum %s doesn't fit the product of a transposed %s and %s",
                Arrays.toString(sum.shape()),
                Arrays.toString(a.shape()),
                Arrays.toString(b.shape()));
        ProductShape shape = ProductShape.sum(a.size(1), a.size(0), b.size(1), a.stride(0));
        inOneThread(() -> {
            if (!run(shape, a, b, sum, sum)) {
                MatrixProduct.super.addTransposed(a, b, sum);
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
        boolean rounded = rounds && weight.dataType() == DataType.BFLOAT16;
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
        try {
            if (!product.implementation().startsWith(SAFE)) {
                return false;
            }
            Scratchpad scratch = scratchpads.take();
            try {
                product.run(address(x), address(weight), address(factors), address(out), scratch);
                return true;
            } finally {
                scratchpads.give(scratch);
            }
        } finally {
            products.give(shape, product);
        }
    }

    /** Returns how many objects of oneDNN's are kept or in use. */
    int live() {
        return products.live() + scratchpads.live();
    }

    @Override
    public void close() {
        products.close();
        scratchpads.close();
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
