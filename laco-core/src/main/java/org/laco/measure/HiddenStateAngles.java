package org.laco.measure;

import com.google.common.collect.ImmutableList;
import com.google.common.primitives.Doubles;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.laco.tensor.SequenceLayout;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Sums of the angles between the hidden states at the boundaries of layers, in double. */
final class HiddenStateAngles {
    private final int layers;
    private final double[] flattened;
    private final double[][] cosines;
    private final double[][] lastAngles;
    private final double[][] allAngles;
    /** For each layer the angles from what enters it to the normed output of the last one. */
    private final double[] normedAngles;

    private long sequences;
    private long rows;

    HiddenStateAngles(int layers) {
        this.layers = layers;
        this.flattened = new double[layers];
        this.cosines = new double[layers][];
        this.lastAngles = new double[layers][];
        this.allAngles = new double[layers][];
        this.normedAngles = new double[layers];
        for (int start = 0; start < layers; start++) {
            lastAngles[start] = new double[layers - start];
            allAngles[start] = new double[layers - start];
            cosines[start] = new double[layers - start];
        }
    }

    int layers() {
        return layers;
    }

    /** Adds a batch: the hidden states before each layer and after the last one, and the last ones after the final norm. */
    void add(List<INDArray> states, INDArray normed, SequenceLayout layout) {
        List<double[]> squares = new ArrayList<>();
        try (INDArray later = wide(states.get(0));
                INDArray earlier = wide(states.get(0))) {
            for (int end = 0; end <= layers; end++) {
                later.assign(states.get(end));
                earlier.assign(later);
                squares.add(rowSums(earlier.muli(later)));
                for (int start = 0; start < end; start++) {
                    earlier.assign(states.get(start));
                    double[] dots = rowSums(earlier.muli(later));
                    addAngles(start, end, dots, squares, layout);
                    addCosines(start, end, dots, squares);
                    if (start == end - 1) {
                        addFlattened(start, dots, squares, layout);
                    }
                }
            }
            later.assign(normed);
            earlier.assign(later);
            double[] normedSquares = rowSums(earlier.muli(later));
            for (int start = 0; start < layers; start++) {
                earlier.assign(states.get(start));
                double[] dots = rowSums(earlier.muli(later));
                normedAngles[start] += lastPositions(angles(dots, squares.get(start), normedSquares), layout);
            }
        }
        sequences += layout.count();
        rows += layout.rows();
    }

    private void addAngles(int start, int end, double[] dots, List<double[]> squares, SequenceLayout layout) {
        double[] angles = angles(dots, squares.get(start), squares.get(end));
        int length = end - start;
        allAngles[start][length - 1] += Arrays.stream(angles).sum();
        lastAngles[start][length - 1] += lastPositions(angles, layout);
    }

    private static double[] angles(double[] dots, double[] squares, double[] otherSquares) {
        double[] angles = new double[dots.length];
        for (int row = 0; row < dots.length; row++) {
            double cosine = cosine(dots[row], squares[row], otherSquares[row]);
            angles[row] = Math.acos(Doubles.constrainToRange(cosine, -1, 1)) / Math.PI;
        }
        return angles;
    }

    /** Sums what the last position of each sequence has. */
    private static double lastPositions(double[] values, SequenceLayout layout) {
        double sum = 0;
        for (int i = 0; i < layout.count(); i++) {
            sum += values[layout.start(i) + layout.length(i) - 1];
        }
        return sum;
    }

    private void addCosines(int start, int end, double[] dots, List<double[]> squares) {
        double[] before = squares.get(start);
        double[] after = squares.get(end);
        for (int row = 0; row < dots.length; row++) {
            cosines[start][end - start - 1] += cosine(dots[row], before[row], after[row]);
        }
    }

    private void addFlattened(int layer, double[] dots, List<double[]> squares, SequenceLayout layout) {
        double[] before = squares.get(layer);
        double[] after = squares.get(layer + 1);
        for (int i = 0; i < layout.count(); i++) {
            int from = layout.start(i);
            int to = from + layout.length(i);
            flattened[layer] += cosine(sum(dots, from, to), sum(before, from, to), sum(after, from, to));
        }
    }

    LayerSimilarity result() {
        return new LayerSimilarity(
                Arrays.stream(flattened).mapToObj(sum -> sum / sequences).collect(ImmutableList.toImmutableList()),
                runInfluence(),
                means(lastAngles, sequences),
                means(withNormedEnds(), sequences),
                means(allAngles, rows));
    }

    private ImmutableList<ImmutableList<Double>> runInfluence() {
        return Arrays.stream(cosines)
                .map(run -> Arrays.stream(run).mapToObj(sum -> 1 - sum / rows).collect(ImmutableList.toImmutableList()))
                .collect(ImmutableList.toImmutableList());
    }

    private double[][] withNormedEnds() {
        double[][] sums = Arrays.stream(lastAngles).map(double[]::clone).toArray(double[][]::new);
        for (int start = 0; start < layers; start++) {
            sums[start][layers - start - 1] = normedAngles[start];
        }
        return sums;
    }

    private static AngularDistances means(double[][] sums, long count) {
        return new AngularDistances(Arrays.stream(sums)
                .map(run -> Arrays.stream(run).mapToObj(sum -> sum / count).collect(ImmutableList.toImmutableList()))
                .collect(ImmutableList.toImmutableList()));
    }

    private static double cosine(double dot, double square, double otherSquare) {
        return dot / Math.sqrt(square * otherSquare);
    }

    private static double sum(double[] values, int from, int to) {
        return Arrays.stream(values, from, to).sum();
    }

    private static INDArray wide(INDArray like) {
        return Nd4j.createUninitialized(DataType.DOUBLE, like.shape(), 'c');
    }

    private static double[] rowSums(INDArray matrix) {
        try (INDArray sums = matrix.sum(1)) {
            return sums.toDoubleVector();
        }
    }
}
