package org.laco.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.function.IntUnaryOperator;
import org.junit.jupiter.api.Test;
import org.laco.CollapseResult;
import org.laco.LayerCollapse;
import org.laco.measure.FinalHiddenStates;
import org.laco.stack.Calibration;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class ResidualNetworkTest {
    private static final int WIDTH = 6;

    private final ResidualNetwork network = ResidualNetwork.random(8, WIDTH, 42);
    private final INDArray rows =
            Nd4j.linspace(DataType.FLOAT, -1, 2.0 / (5 * WIDTH - 1), 5 * WIDTH).reshape('c', 5, WIDTH);

    @Test
    void collapsesLikeAnyOtherStack() {
        CollapseResult result = LayerCollapse.builder()
                .layersPerMerge(2)
                .interval(1)
                .threshold(0.99)
                .calibration(Calibration.ofFeatures(rows))
                .build()
                .apply(network);
        assertThat(result.layersRemoved()).isPositive();
        assertThat(result.similarity()).isGreaterThan(0.99);
        // By hand: a telescoped layer has the weight of its last source, and the biases are all zero.
        double[][] original = byHand(result.original().layerCount(), i -> i);
        double[][] collapsed = byHand(result.plan().size(), i -> {
            var sources = result.plan().sources().get(i);
            return sources.get(sources.size() - 1);
        });
        try (INDArray output = FinalHiddenStates.of(result.model(), Calibration.ofFeatures(rows))) {
            for (int row = 0; row < collapsed.length; row++) {
                for (int column = 0; column < WIDTH; column++) {
                    assertThat(output.getDouble(row, column)).isCloseTo(collapsed[row][column], within(1e-5));
                }
            }
        }
        assertThat(result.similarity()).isCloseTo(cosine(original, collapsed), within(1e-6));
    }

    private double[][] byHand(int layers, IntUnaryOperator source) {
        double[][] hidden = rows.castTo(DataType.DOUBLE).toDoubleMatrix();
        for (int layer = 0; layer < layers; layer++) {
            double[][] weight = network.tensors(source.applyAsInt(layer))
                    .get("weight")
                    .tensor()
                    .load()
                    .castTo(DataType.DOUBLE)
                    .toDoubleMatrix();
            for (int row = 0; row < hidden.length; row++) {
                double[] next = hidden[row].clone();
                for (int out = 0; out < WIDTH; out++) {
                    double sum = 0;
                    for (int in = 0; in < WIDTH; in++) {
                        sum += weight[out][in] * hidden[row][in];
                    }
                    next[out] += Math.tanh(sum);
                }
                hidden[row] = next;
            }
        }
        return hidden;
    }

    private static double cosine(double[][] one, double[][] other) {
        double product = 0;
        double left = 0;
        double right = 0;
        for (int row = 0; row < one.length; row++) {
            for (int column = 0; column < one[row].length; column++) {
                product += one[row][column] * other[row][column];
                left += one[row][column] * one[row][column];
                right += other[row][column] * other[row][column];
            }
        }
        return product / Math.sqrt(left * right);
    }
}
