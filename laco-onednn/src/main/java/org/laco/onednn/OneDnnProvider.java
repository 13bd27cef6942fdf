package org.laco.onednn;

import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.javacpp.Loader;
import org.laco.kernel.KernelProvider;
import org.laco.kernel.Kernels;
import org.nd4j.linalg.api.ops.executioner.OpExecutioner;
import org.nd4j.linalg.factory.Nd4j;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Arithmetic in host memory: matrix products by oneDNN, everything else by loops. Found as a service where this module is on the class
 * path:
 *
 * <pre>{@code
 * System.out.println(Kernels.ofBackend().name());   // oneDNN 3.11.0
 * }</pre>
 *
 * <p>oneDNN compiles a product for its shape, which makes it faster than OpenBLAS where a weight meets few rows: there a BLAS spends much
 * of its time on packing the weight. In bfloat16 the processor's own instructions are used where oneDNN has safe products by them, and
 * rounded inputs in float32 products elsewhere.
 */
public final class OneDnnProvider implements KernelProvider {
    private static final Logger LOGGER = LoggerFactory.getLogger(OneDnnProvider.class);

    /** Makes the provider; nothing is loaded before {@link #isAvailable}. */
    public OneDnnProvider() {}

    @Override
    public String name() {
        return "onednn";
    }

    @Override
    public int rank() {
        return 20;
    }

    @Override
    public boolean isAvailable() {
        return Nd4j.getExecutioner().type() == OpExecutioner.ExecutionerType.NATIVE_CPU && isLoaded();
    }

    private static boolean isLoaded() {
        try {
            Loader.load(dnnl.class);
            return true;
        } catch (LinkageError e) {
            LOGGER.info("oneDNN is not used, since its library for this platform can't be loaded: {}", e.toString());
            return false;
        }
    }

    @Override
    public Kernels create() {
        return Kernels.of(new OneDnnProduct());
    }
}
