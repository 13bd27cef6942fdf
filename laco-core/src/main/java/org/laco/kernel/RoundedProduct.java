package org.laco.kernel;

import java.util.Optional;
import java.util.function.BiConsumer;
import org.laco.tensor.Precision;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A product in {@link Precision#BFLOAT16} by one in float32, for wherever nothing multiplies bfloat16 itself.
 *
 * <p>The product of two bfloat16 numbers is a float32 exactly, so that sums differ from those of a processor's own instructions by their
 * order alone.
 */
final class RoundedProduct implements MatrixProduct {
    private final MatrixProduct exact;

    RoundedProduct(MatrixProduct exact) {
        this.exact = exact;
    }

    @Override
    public String name() {
        return exact.name();
    }

    /** Only the type tells whether a weight is stored in bfloat16. */
    @Override
    public DataType weightType(DataType stored) {
        return stored == DataType.BFLOAT16 ? stored : exact.weightType(stored);
    }

    @Override
    public void multiply(INDArray x, INDArray weight, boolean inputFirst, INDArray out) {
        rounded(x, weight, (input, widened) -> exact.multiply(input, widened, inputFirst, out));
    }

    @Override
    public boolean gates(Activation activation) {
        return exact.gates(activation);
    }

    @Override
    public void multiplyGated(
            Activation activation, INDArray x, INDArray weight, boolean inputFirst, INDArray factors, INDArray out) {
        rounded(
                x,
                weight,
                (input, widened) -> exact.multiplyGated(activation, input, widened, inputFirst, factors, out));
    }

    /** Both are float32, of which neither is rounded. */
    @Override
    public void addTransposed(INDArray a, INDArray b, INDArray sum) {
        exact.addTransposed(a, b, sum);
    }

    /** Rounds the input if the weight is stored in bfloat16, and widens that weight if it must be. */
    private void rounded(INDArray x, INDArray weight, BiConsumer<INDArray, INDArray> product) {
        if (weight.dataType() != DataType.BFLOAT16) {
            product.accept(x, weight);
            return;
        }
        try (INDArray half = x.castTo(DataType.BFLOAT16);
                INDArray rounded = widen(half)) {
            if (exact.weightType(DataType.BFLOAT16) == DataType.BFLOAT16) {
                product.accept(rounded, weight);
            } else {
                try (INDArray widened = widen(weight)) {
                    product.accept(rounded, widened);
                }
            }
        }
    }

    private static INDArray widen(INDArray half) {
        return Nd4j.createUninitialized(DataType.FLOAT, half.shape(), 'c').assign(half);
    }

    @Override
    public Optional<MatrixProduct> in(Precision precision) {
        return Optional.of(precision == Precision.BFLOAT16 ? this : exact);
    }

    @Override
    public void close() {
        exact.close();
    }
}
