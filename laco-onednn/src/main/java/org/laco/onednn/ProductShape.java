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
    private static final long PACKED_COLUMNS = 1024;
    /** Below, packing costs more than it brings. */
    private static final long PACKED_ROWS = 256;
    /** Above, a packed weight would take much memory. */
    private static final long PACKED_ELEMENTS = 1 << 24;

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

    /**
     * Whether the weight is packed before it is multiplied. Rows of this length lie too far apart for a processor's caches: measured on
     * AVX-512, a product of 1,536 columns takes three quarters of the time with the packing. The result is the same, bit for bit.
     */
    boolean packs() {
        return inputFirst
                && weights == DataType.FLOAT
                && out >= PACKED_COLUMNS
                && rows >= PACKED_ROWS
                && in * out <= PACKED_ELEMENTS;
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
