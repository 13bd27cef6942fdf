package org.laco.onednn;

import java.util.Optional;
import java.util.OptionalLong;
import org.laco.kernel.Activation;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * What a product is compiled for.
 *
 * @param rows the number of rows of the input
 * @param in the width of the input
 * @param out the width of the product
 * @param inputFirst whether the weight is stored {@code [in, out]} and not {@code [out, in]}
 * @param weights the type of the weight's elements, {@code FLOAT}, {@code BFLOAT16} or {@code HALF}
 * @param rounds whether the input is rounded to the weight's type, else the weight is widened to float32
 * @param gate the function that is applied to the product before it is multiplied by factors, or empty for the product alone
 * @param transposed if the input is stored as its transpose, the elements from one of its stored rows to the next; the product is then
 *     added to what is there
 */
record ProductShape(
        long rows,
        long in,
        long out,
        boolean inputFirst,
        DataType weights,
        boolean rounds,
        Optional<Activation> gate,
        OptionalLong transposed) {
    ProductShape(
            long rows,
            long in,
            long out,
            boolean inputFirst,
            DataType weights,
            boolean rounds,
            Optional<Activation> gate) {
        this(rows, in, out, inputFirst, weights, rounds, gate, OptionalLong.empty());
    }

    /** The sum of a product and what is there, for an input that is stored as its transpose. */
    static ProductShape sum(long rows, long in, long out, long apart) {
        return new ProductShape(rows, in, out, true, DataType.FLOAT, false, Optional.empty(), OptionalLong.of(apart));
    }

    /** A shape that tells what the processor has. */
    static ProductShape probe(DataType weights, boolean rounds) {
        return new ProductShape(64, 64, 64, false, weights, rounds, Optional.empty());
    }

    @Override
    public String toString() {
        return "[" + rows + ", " + in + "] x [" + in + ", " + out + "]";
    }
}
