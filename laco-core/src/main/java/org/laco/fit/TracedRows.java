package org.laco.fit;

import com.google.common.collect.ImmutableList;
import java.util.List;
import org.laco.stack.LoadedLayer;
import org.laco.stack.OutputMap;
import org.laco.stack.TracedOutput;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** What a batch says about a map: what enters it and what leaving its step lacks of each kind of targets, every row with its weight. */
final class TracedRows implements AutoCloseable {
    private final INDArray activations;
    private final ImmutableList<INDArray> residuals;
    private final RowWeights weights;
    private final long numbers;

    private TracedRows(INDArray activations, ImmutableList<INDArray> residuals, RowWeights weights, long numbers) {
        this.activations = activations;
        this.residuals = residuals;
        this.weights = weights;
        this.numbers = numbers;
    }

    /**
     * Runs a batch through a layer up to the step that ends in a map.
     *
     * @param hidden what enters the layer
     * @param weighing the hidden states whose norms weigh the rows
     * @param targets of each kind what should leave the map's step
     */
    static TracedRows of(
            LoadedLayer layer,
            OutputMap map,
            FitMethod method,
            FitBatch batch,
            INDArray hidden,
            INDArray weighing,
            List<INDArray> targets) {
        TracedOutput traced = layer.trace(map, hidden, batch.layout());
        RowWeights weights = method.isJudged()
                ? RowWeights.ofInverseNorms(weighing, batch.layout())
                : RowWeights.equal(batch.layout());
        try (INDArray output = traced.output()) {
            return new TracedRows(
                    weights.apply(traced.activations()),
                    targets.stream()
                            .map(target -> weights.apply(target.sub(output)))
                            .collect(ImmutableList.toImmutableList()),
                    weights,
                    traced.activations().length() + (1 + targets.size()) * output.length());
        }
    }

    INDArray activations() {
        return activations;
    }

    ImmutableList<INDArray> residuals() {
        return residuals;
    }

    /** Returns Σ w ‖H‖² of targets H. */
    double squares(INDArray target) {
        try (INDArray weighted = weights.apply(target.dup('c'))) {
            return squaresOf(weighted);
        }
    }

    /** Returns the sum of squares, added in double row by row, so that it doesn't depend on who computes in how many threads. */
    static double squaresOf(INDArray array) {
        double sum = 0;
        try (INDArray wide = array.castTo(DataType.DOUBLE);
                INDArray rows = wide.muli(wide).sum(1)) {
            for (double row : rows.toDoubleVector()) {
                sum += row;
            }
        }
        return sum;
    }

    /** Returns Σ ‖R − X D‖² of residuals R for a change D of the map. */
    static double squaresAfter(INDArray activations, INDArray residuals, INDArray change) {
        try (INDArray product = activations.mmul(change);
                INDArray rest = residuals.sub(product)) {
            return squaresOf(rest);
        }
    }

    /** How many numbers there were while the layer ran. */
    long numbers() {
        return numbers;
    }

    @Override
    public void close() {
        activations.close();
        residuals.forEach(INDArray::close);
        weights.close();
    }
}
