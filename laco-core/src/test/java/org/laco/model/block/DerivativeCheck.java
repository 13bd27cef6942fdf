package org.laco.model.block;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableMap;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.laco.kernel.Kernels;
import org.laco.kernel.Nd4jKernels;
import org.laco.stack.Gradients;
import org.laco.stack.Recording;
import org.laco.tensor.LayerWeights;
import org.laco.tensor.SequenceLayout;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Compares a block's output with its definition's in float64, and its derivative with central differences of the definition: by the input
 * and by all weights, element by element of small ones, and of large ones by elements here and there and along one direction of all.
 *
 * <p>The loss is the sum of the output's elements times fixed random numbers, which are then its gradient by the output.
 */
final class DerivativeCheck {
    private static final double STEP = 1e-5;

    /** What outputs and gradients may differ by, relative to the largest element of theirs. */
    private static final double TOLERANCE = 1e-5;

    /** Elements of a tensor that are changed one by one. */
    private static final int ELEMENTS = 16;

    private static final String INPUT = "input";

    private final Block block;
    private final SequenceLayout sequences;
    private final Random random = new Random(14);
    private final NaiveWeights weights;
    private final NaiveBlocks reference;
    private final double[] x;
    private final double[] byOutput;

    DerivativeCheck(Block block, SequenceLayout sequences, int width) {
        this.block = block;
        this.sequences = sequences;
        this.weights = new NaiveWeights(block, random);
        this.reference = new NaiveBlocks(weights, sequences);
        this.x = NaiveWeights.floats(sequences.rows() * width, random, 1, 0.2);
        this.byOutput = NaiveWeights.floats(output().length, random, 1, 0);
    }

    void run() {
        Map<String, Slopes> expected = new LinkedHashMap<>();
        expected.put(INPUT, slopes(x));
        weights.names().forEach(name -> expected.put(name, slopes(weights.values(name))));
        try (Kernels host = Kernels.ofNd4j();
                Kernels nd4j = new Nd4jKernels()) {
            compare(expected, host);
            compare(expected, nd4j);
        }
    }

    /** The definition's output, row by row. */
    private double[] output() {
        double[][] rows = reference.apply(block, matrix(x, x.length / sequences.rows()));
        return Arrays.stream(rows).flatMapToDouble(Arrays::stream).toArray();
    }

    private static double[][] matrix(double[] values, int width) {
        return IntStream.range(0, values.length / width)
                .mapToObj(row -> Arrays.copyOfRange(values, row * width, (row + 1) * width))
                .toArray(double[][]::new);
    }

    private double loss() {
        return dot(output(), byOutput);
    }

    private static double dot(double[] a, double[] b) {
        return IntStream.range(0, a.length).mapToDouble(i -> a[i] * b[i]).sum();
    }

    /** The loss's derivatives by some elements of a tensor, and along a direction of length 1. */
    private record Slopes(int[] places, double[] each, double[] direction, double along) {}

    private Slopes slopes(double[] values) {
        int count = Math.min(ELEMENTS, values.length);
        int[] places = IntStream.range(0, count)
                .map(i -> (int) ((i + 0.5) * values.length / count))
                .toArray();
        double[] each = Arrays.stream(places)
                .mapToDouble(place -> slope(values, unit(values.length, place)))
                .toArray();
        double[] direction = NaiveWeights.floats(values.length, random, 1 / Math.sqrt(values.length), 0);
        return new Slopes(places, each, direction, slope(values, direction));
    }

    private static double[] unit(int length, int place) {
        double[] unit = new double[length];
        unit[place] = 1;
        return unit;
    }

    private double slope(double[] values, double[] direction) {
        double[] before = values.clone();
        Arrays.setAll(values, i -> before[i] + STEP * direction[i]);
        double above = loss();
        Arrays.setAll(values, i -> before[i] - STEP * direction[i]);
        double below = loss();
        System.arraycopy(before, 0, values, 0, values.length);
        return (above - below) / (2 * STEP);
    }

    private void compare(Map<String, Slopes> expected, Kernels kernels) {
        ImmutableMap.Builder<String, INDArray> sums = ImmutableMap.builder();
        weights.names().forEach(name -> sums.put(name, weights.array(name).assign(0)));
        ImmutableMap<String, INDArray> gradients = sums.buildOrThrow();
        ForwardPass pass = new ForwardPass(sequences, kernels);
        try (LayerWeights loaded = weights.load();
                INDArray input = rows(x);
                INDArray byRows = rows(byOutput);
                Recording recording = block.record(input, loaded, pass);
                INDArray plain = block.apply(input, loaded, pass)) {
            assertOutput(recording.output());
            assertOutput(plain);
            recording.output().assign(Float.NaN);
            try (INDArray byInput = recording.backward(byRows, Gradients.of(gradients))) {
                assertClose(INPUT, byInput, expected.get(INPUT));
            }
            weights.names().forEach(name -> assertClose(name, gradients.get(name), expected.get(name)));
            assertThat(byRows).isEqualTo(rows(byOutput));
            assertThat(input).isEqualTo(rows(x));
        }
    }

    private INDArray rows(double[] values) {
        return Nd4j.createFromArray(values)
                .castTo(DataType.FLOAT)
                .reshape('c', sequences.rows(), values.length / sequences.rows());
    }

    private void assertOutput(INDArray actual) {
        double[] expected = output();
        double[] values = actual.dup('c').data().asDouble();
        assertThat(values).hasSameSizeAs(expected);
        double difference = largest(IntStream.range(0, values.length)
                .mapToDouble(i -> values[i] - expected[i])
                .toArray());
        assertThat(difference / largest(expected)).as("output").isLessThanOrEqualTo(TOLERANCE);
    }

    private static void assertClose(String what, INDArray actual, Slopes expected) {
        double[] values = actual.dup('c').data().asDouble();
        double largest = largest(expected.each);
        if (largest == 0) {
            assertThat(values).as(what).containsOnly(0);
            return;
        }
        double[] differences = IntStream.range(0, expected.places.length)
                .mapToDouble(i -> values[expected.places[i]] - expected.each[i])
                .toArray();
        assertThat(largest(differences) / largest).as(what).isLessThanOrEqualTo(TOLERANCE);
        assertThat(Math.abs(dot(values, expected.direction) - expected.along) / largest)
                .as("%s along a direction", what)
                .isLessThanOrEqualTo(TOLERANCE);
    }

    private static double largest(double[] values) {
        return Arrays.stream(values).map(Math::abs).max().orElseThrow();
    }
}
