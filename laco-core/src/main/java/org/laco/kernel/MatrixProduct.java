package org.laco.kernel;

import java.util.Optional;
import org.laco.tensor.Precision;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A way to multiply matrices in host memory, in the thread that asks for it.
 *
 * <p>{@link Kernels#of} makes arithmetic of it, with loops for everything else. It must be safe for use by several threads.
 */
public interface MatrixProduct extends AutoCloseable {
    /**
     * Names the implementation for a report, with its version.
     *
     * @return a short name, as {@code oneDNN 3.11}
     */
    String name();

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
     * Returns whether {@link #multiplyGated} works for a function. The default is no.
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
     * Adds the product of a transposed matrix with another, {@code sum + aᵀ · b}. The default copies the transpose and adds a product of
     * its own.
     *
     * @param a a float32 matrix {@code [rows, m]}, dense in 'c' order or some columns of such a matrix
     * @param b a float32 matrix {@code [rows, n]}, dense in 'c' order
     * @param sum what the product is added to {@code [m, n]}, dense float32 in 'c' order
     */
    default void addTransposed(INDArray a, INDArray b, INDArray sum) {
        try (INDArray transposed = a.transpose().dup('c');
                INDArray product = sum.ulike()) {
            multiply(transposed, b, true, product);
            sum.addi(product);
        }
    }

    /**
     * Returns in which type weights of a stored type are multiplied. The default is float32.
     *
     * @param stored the type in which a weight is stored
     * @return {@code FLOAT}, or the stored type if it is taken as it is
     */
    default DataType weightType(DataType stored) {
        return DataType.FLOAT;
    }

    /**
     * Returns this product in some precision; what either keeps may be shared, and is freed when one of them is closed. The default
     * returns this one for float32, and rounds its inputs for bfloat16, which may be slow.
     *
     * @param precision the precision
     * @return the product, or empty if it can't multiply so precisely or so imprecisely here
     */
    default Optional<MatrixProduct> in(Precision precision) {
        return Optional.of(precision == Precision.FLOAT32 ? this : new RoundedProduct(this));
    }

    /**
     * Frees what is kept for use again. Products that are running in other threads end as usual, and those that are asked for afterwards
     * still work but keep nothing. Closing again does nothing. The default has nothing to free.
     */
    @Override
    default void close() {}

    /**
     * Returns the product by ND4J's BLAS, for shapes that another implementation leaves alone.
     *
     * @return the product, on whatever backend ND4J has
     */
    static MatrixProduct ofNd4j() {
        return new BlasProduct();
    }
}
