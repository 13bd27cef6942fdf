package org.laco.benchmarks;

import java.util.List;
import java.util.stream.IntStream;
import org.laco.tensor.SequenceLayout;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Random matrices and the layouts of their rows. */
final class Matrices {
    private Matrices() {}

    static INDArray random(long... shape) {
        return Nd4j.randn(DataType.FLOAT, shape);
    }

    /** Divides rows into sequences of nearly the same length. */
    static SequenceLayout sequences(int rows, int count) {
        List<Integer> lengths = IntStream.range(0, count)
                .mapToObj(i -> rows * (i + 1) / count - rows * i / count)
                .toList();
        return SequenceLayout.of(lengths);
    }

    /** Reads two numbers, as of {@code 576x1536}. */
    static int[] numbers(String text) {
        return List.of(text.split("x")).stream().mapToInt(Integer::parseInt).toArray();
    }
}
