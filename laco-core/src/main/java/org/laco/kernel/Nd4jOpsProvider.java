package org.laco.kernel;

/** Arithmetic by ND4J's operations alone, on whatever backend it has, as CUDA. */
public final class Nd4jOpsProvider implements KernelProvider {
    /** Makes the provider, which {@link java.util.ServiceLoader} does. */
    public Nd4jOpsProvider() {}

    @Override
    public String name() {
        return "nd4j-ops";
    }

    @Override
    public int rank() {
        return 0;
    }

    @Override
    public boolean isAvailable() {
        return true;
    }

    @Override
    public Kernels create() {
        return new Nd4jKernels();
    }
}
