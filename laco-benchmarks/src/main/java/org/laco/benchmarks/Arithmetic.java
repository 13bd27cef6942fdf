package org.laco.benchmarks;

import org.laco.kernel.Kernels;
import org.laco.kernel.Nd4jKernels;

/** Who computes. */
public enum Arithmetic {
    /** oneDNN's matrix products, and loops. */
    ONEDNN {
        @Override
        Kernels kernels() {
            return Kernels.ofBackend();
        }
    },
    /** The matrix products of ND4J's BLAS, and loops. */
    BLAS {
        @Override
        Kernels kernels() {
            return Kernels.ofNd4j();
        }
    },
    /** ND4J's operations alone, as on other devices. */
    ND4J {
        @Override
        Kernels kernels() {
            return new Nd4jKernels();
        }
    };

    abstract Kernels kernels();

    /** Makes the operations of a benchmark, which names what it measures. */
    static Kernels of(Arithmetic arithmetic) {
        Kernels kernels = arithmetic.kernels();
        if (arithmetic == ONEDNN && !kernels.name().startsWith("oneDNN")) {
            throw new IllegalStateException(
                    "oneDNN does not work here, " + kernels.name() + " would be measured in its place");
        }
        return kernels;
    }
}
