package org.laco.fit;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.DoubleUnaryOperator;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** The sums XᵀX and XᵀY of a least squares problem, in double, added up from blocks of rows. */
final class NormalEquations implements AutoCloseable {
    private final INDArray gram;
    private final List<INDArray> crosses = new ArrayList<>();
    /** The most numbers that a block of rows has had. */
    private long largestBlock;

    /** Starts problems of the same inputs and several kinds of targets. */
    NormalEquations(long features, long outputs, int kinds) {
        gram = Nd4j.zeros(DataType.DOUBLE, features, features).dup('f');
        for (int kind = 0; kind < kinds; kind++) {
            crosses.add(Nd4j.zeros(DataType.DOUBLE, features, outputs).dup('f'));
        }
    }

    /** Adds rows: inputs {@code [rows, features]}, and of each kind targets {@code [rows, outputs]}, in float32. */
    void add(INDArray inputs, List<INDArray> targets) {
        largestBlock = Math.max(largestBlock, inputs.length() + targets.get(0).length());
        try (INDArray x = inputs.castTo(DataType.DOUBLE)) {
            Nd4j.gemm(x, x, gram, true, false, 1, 1);
            for (int kind = 0; kind < targets.size(); kind++) {
                try (INDArray y = targets.get(kind).castTo(DataType.DOUBLE)) {
                    Nd4j.gemm(x, y, crosses.get(kind), true, false, 1, 1);
                }
            }
        }
    }

    /**
     * Solves (XᵀX + λI) D = XᵀY for each kind of targets.
     *
     * @param shift returns λ for the mean diagonal of XᵀX
     * @param each takes the number of the kind and the solution {@code [features, outputs]} in double, which is freed afterwards
     * @throws ArithmeticException if the sums are not finite, or λ is too small for them
     */
    void solve(DoubleUnaryOperator shift, BiConsumer<Integer, INDArray> each) {
        double mean = Cholesky.diagonal(gram).meanNumber().doubleValue();
        try (Cholesky factor = Cholesky.of(gram, shift.applyAsDouble(mean))) {
            for (int kind = 0; kind < crosses.size(); kind++) {
                try (INDArray solution = factor.solve(crosses.get(kind))) {
                    each.accept(kind, solution);
                }
            }
        }
    }

    /** What sums, a factor and a solution take together, or the sums and the largest block of rows if that is more. */
    long bytes() {
        long square = gram.length();
        long cross = crosses.get(0).length();
        return Double.BYTES * (square + crosses.size() * cross + Math.max(square + 2 * cross, largestBlock));
    }

    @Override
    public void close() {
        gram.close();
        crosses.forEach(INDArray::close);
    }
}
