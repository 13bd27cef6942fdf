package org.laco.kernel;

import org.nd4j.linalg.api.ops.executioner.OpExecutioner;
import org.nd4j.linalg.factory.Nd4j;

/** Arithmetic in host memory: matrix products by ND4J's BLAS, everything else by loops. */
public final class Nd4jBlasProvider implements KernelProvider {
    /** Makes the provider, which {@link java.util.ServiceLoader} does. */
    public Nd4jBlasProvider() {}

    @Override
    public String name() {
        return "nd4j-blas";
    }

    @Override
    public int rank() {
        return 10;
    }

    @Override
    public boolean isAvailable() {
        return Nd4j.getExecutioner().type() == OpExecutioner.ExecutionerType.NATIVE_CPU;
    }

    @Override
    public Kernels create() {
        return Kernels.of(MatrixProduct.ofNd4j());
    }
}
