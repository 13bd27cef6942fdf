package org.laco.kernel;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A way to multiply matrices in host memory, in the thread that asks for it.
 *
 * <p>An implementation on the class path that is registered as a service ({@link java.util.ServiceLoader}) takes the place of ND4J's
 * BLAS wherever {@linkplain #isAvailable() it works}; module {@code laco-onednn} has one. It must be safe for use by several threads.
 */
public interface MatrixProduct {
    /**
     * Names the implementation for a report, with its version.
     *
     * @return a short name, as {@code oneDNN 3.11}
     */
    String name();

    /**
     * Tells whether the implementation works on this machine. Called once, before anything else.
     *
     * @return whether its native library could be loaded
     */
    boolean isAvailable();

    /**
     * Multiplies by a weight: {@code x · wᵀ}, or {@code x · w} if the weight is stored input first.
     *
     * @param x the input {@code [rows, in]}, dense float32 in 'c' order
     * @param weight the weight {@code [out, in]}, or {@code [in, out]} if it is stored input first, dense float32 in 'c' order
     * @param inputFirst whether the weight is stored input first
     * @param out receives the product {@code [rows, out]}, dense float32 in 'c' order
     */
    void multiply(INDArray x, INDArray weight, boolean inputFirst, INDArray out);

    /**
     * Returns the product by ND4J's BLAS, for shapes that another implementation leaves alone.
     *
     * @return the product, on whatever backend ND4J has
     */
    static MatrixProduct ofNd4j() {
        return new BlasProduct();
    }
}
