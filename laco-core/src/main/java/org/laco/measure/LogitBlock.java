package org.laco.measure;

import java.util.Arrays;
import org.laco.LayerStack;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.shape.Gather;
import org.nd4j.linalg.api.ops.impl.transforms.strict.Exp;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Next-token distributions of some rows.
 *
 * <p>Holds logits less their row's maximum. Exponentials are summed in double: ND4J's sum of float32 values carries one running
 * float32, whose error over a vocabulary reaches 5e-5.
 */
final class LogitBlock implements AutoCloseable {
    /** How many logits are computed at once; three more arrays of this many elements come and go with them. */
    private static final int ELEMENTS = 1 << 23;

    private final INDArray shifted;
    private final INDArray exponentials;
    private final int[] best;
    private final double[] sums;

    private LogitBlock(INDArray logits) {
        this.shifted = logits;
        try (INDArray positions = logits.argMax(1)) {
            this.best = positions.toIntVector();
        }
        try (INDArray maxima = gather(best)) {
            logits.subiColumnVector(maxima.reshape('c', best.length, 1));
        }
        this.exponentials = logits.ulike();
        Nd4j.exec(new Exp(logits, exponentials));
        this.sums = rowSums(exponentials);
    }

    /** Takes the distributions of some of many rows. */
    @FunctionalInterface
    interface Part {
        void accept(LogitBlock block, int from, int to);
    }

    /** Computes the distributions that follow many rows, a part of them at a time. */
    static void forEach(LayerStack model, INDArray output, int[] rows, Part part) {
        int blockRows = rows(model);
        for (int from = 0; from < rows.length; from += blockRows) {
            int to = Math.min(rows.length, from + blockRows);
            try (LogitBlock block = of(model, output, Arrays.copyOfRange(rows, from, to))) {
                part.accept(block, from, to);
            }
        }
    }

    /** How many rows to compute at once. */
    static int rows(LayerStack model) {
        return Math.max(1, ELEMENTS / model.vocabulary());
    }

    /** Computes the distributions that follow some rows of final hidden states. */
    static LogitBlock of(LayerStack model, INDArray output, int[] rows) {
        try (INDArray picked = Nd4j.pullRows(output, 1, rows)) {
            return new LogitBlock(model.logits(picked));
        }
    }

    /** The likeliest token of each row, the first of equals. */
    int[] best() {
        return best;
    }

    /** log p of one token a row; NaN where logits are not finite. */
    double[] logProbabilities(int[] tokens) {
        double[] result = new double[tokens.length];
        try (INDArray chosen = gather(tokens)) {
            float[] logits = chosen.toFloatVector();
            for (int i = 0; i < result.length; i++) {
                result[i] = logits[i] - Math.log(sums[i]);
            }
        }
        return result;
    }

    /** Σ p (log p − log q) of each row, p being this block's distribution and q the other's; NaN where logits are not finite. */
    double[] divergence(LogitBlock other) {
        double[] result;
        try (INDArray difference = shifted.sub(other.shifted)) {
            result = rowSums(difference.muli(exponentials));
        }
        for (int i = 0; i < result.length; i++) {
            // Rounding can leave a sum slightly below 0, where the divergence isn't.
            result[i] = Math.max(0, result[i] / sums[i] - Math.log(sums[i]) + Math.log(other.sums[i]));
        }
        return result;
    }

    private INDArray gather(int[] tokens) {
        long width = shifted.size(1);
        long[] flat = new long[tokens.length];
        for (int i = 0; i < flat.length; i++) {
            flat[i] = i * width + tokens[i];
        }
        try (INDArray indices = Nd4j.createFromArray(flat)) {
            return Nd4j.exec(new Gather(shifted.reshape(shifted.length()), indices, 0))[0];
        }
    }

    private static double[] rowSums(INDArray matrix) {
        try (INDArray wide = Nd4j.createUninitialized(DataType.DOUBLE, matrix.shape(), 'c')) {
            wide.assign(matrix);
            try (INDArray sums = wide.sum(1)) {
                return sums.toDoubleVector();
            }
        }
    }

    @Override
    public void close() {
        shifted.close();
        exponentials.close();
    }
}
