package org.laco.kernel;

import java.util.Optional;
import org.nd4j.linalg.api.buffer.DataType;
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
     * @param weight the weight {@code [out, in]}, or {@code [in, out]} if it is stored input first, dense in 'c' order, of a type that
     *     {@link #weightType} returns
     * @param inputFirst whether the weight is stored input first
     * @param out receives the product {@code [rows, out]}, dense float32 in 'c' order
     */
    void multiply(INDArray x, INDArray weight, boolean inputFirst, INDArray out);

    /**
     * Tells whether {@link #multiplyGated} works for a function. The default is no.
     *
     * @param activation the function
     * @return whether a product can be activated and gated as it is computed
     */
    default boolean gates(Activation activation) {
        return false;
    }

    /**
     * Multiplies by a weight, applies a function to each element and multiplies by factors, {@code activation(x · wᵀ) ⊙ factors}, in one
     * pass over the result.
     *
     * @param activation a function that {@link #gates}
     * @param x the input, as for {@link #multiply}
     * @param weight the weight
     * @param inputFirst whether the weight is stored input first
     * @param factors the factors {@code [rows, out]}, dense float32 in 'c' order, other memory than {@code out}
     * @param out receives the result {@code [rows, out]}, dense float32 in 'c' order
     * @throws UnsupportedOperationException if it doesn't gate by that function
     */
    default void multiplyGated(
            Activation activation, INDArray x, INDArray weight, boolean inputFirst, INDArray factors, INDArray out) {
        throw new UnsupportedOperationException(name() + " does not gate by " + activation);
    }

    /**
     * Tells in which type weights of a stored type are multiplied. The default is float32.
     *
     * @param stored the type in which a weight is stored
     * @return {@code FLOAT}, or the stored type if it is taken as it is
     */
    default DataType weightType(DataType stored) {
        return DataType.FLOAT;
    }

    /**
     * Returns a product of less precision that takes some weights as they are stored. The default has none.
     *
     * @param anyway whether to return it where it isn't faster than this one
     * @return the product, if there is one and it is faster or wanted anyway
     */
    default Optional<MatrixProduct> rounded(boolean anyway) {
        return Optional.empty();
    }

    /**
     * Returns the product by ND4J's BLAS, for shapes that another implementation leaves alone.
     *
     * @return the product, on whatever backend ND4J has
     */
    static MatrixProduct ofNd4j() {
        return new BlasProduct();
    }
}
