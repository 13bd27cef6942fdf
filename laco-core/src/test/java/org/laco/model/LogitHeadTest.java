package org.laco.model;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.util.Random;
import java.util.function.DoubleSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.laco.kernel.Kernels;
import org.laco.model.block.Decoder;
import org.laco.model.block.Embedding;
import org.laco.model.block.Head;
import org.laco.model.block.Layer;
import org.laco.stack.Gradients;
import org.laco.tensor.InMemoryTensors;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Holds logits and their derivative against the definition in float64 and its central differences. */
class LogitHeadTest {
    private static final int ROWS = 5;
    private static final int WIDTH = 6;
    private static final int VOCABULARY = 9;
    private static final double STEP = 1e-5;
    private static final double TOLERANCE = 1e-5;

    private final Random random = new Random(14);
    private final double[] hidden = floats(ROWS * WIDTH);
    private final double[] weight = floats(VOCABULARY * WIDTH);
    private final double[] bias = floats(VOCABULARY);
    private final double[] byLogits = floats(ROWS * VOCABULARY);

    private double[] floats(int count) {
        return random.doubles(count, -2, 2).map(x -> (float) x).toArray();
    }

    static Stream<Head> heads() {
        Head plain = Head.of("head.weight");
        return Stream.of(
                plain,
                plain.withBias(),
                plain.scaled(0.3),
                plain.capped(2),
                plain.withUnitRows(),
                plain.withBias().scaled(0.3).capped(2).withUnitRows());
    }

    @ParameterizedTest
    @MethodSource("heads")
    void passesGradientsBackToHiddenStatesAndWeights(Head head) {
        try (Kernels kernels = Kernels.ofNd4j()) {
            LogitHead actual = new LogitHead(decoder(head), tensors(), kernels);
            INDArray output = matrix(hidden, ROWS);
            INDArray logits = actual.logits(output);
            INDArray byWeight = Nd4j.zeros(DataType.FLOAT, VOCABULARY, WIDTH);
            INDArray byBias = Nd4j.zeros(DataType.FLOAT, VOCABULARY);
            Gradients gradients = Gradients.of(ImmutableMap.of("head.weight", byWeight, "head.bias", byBias));

            INDArray byHidden = actual.backward(output, logits, matrix(byLogits, ROWS), gradients);

            assertClose("logits", logits, logits(head));
            assertClose("hidden states", byHidden, differences(head, hidden));
            assertClose("weight", byWeight, differences(head, weight));
            if (head.biased()) {
                assertClose("bias", byBias, differences(head, bias));
            }
        }
    }

    private static Decoder decoder(Head head) {
        return Decoder.builder(WIDTH, VOCABULARY)
                .embedding(Embedding.of("tokens.weight"))
                .layers("layers.", 1, i -> new Layer(ImmutableMap.of(), ImmutableList.of()))
                .head(head)
                .build();
    }

    private InMemoryTensors tensors() {
        return InMemoryTensors.of(ImmutableMap.of(
                "head.weight",
                matrix(weight, VOCABULARY),
                "head.bias",
                matrix(bias, 1).reshape(VOCABULARY)));
    }

    private static INDArray matrix(double[] values, int rows) {
        return Nd4j.createFromArray(values).castTo(DataType.FLOAT).reshape('c', rows, values.length / rows);
    }

    private double[] logits(Head head) {
        double[] logits = new double[ROWS * VOCABULARY];
        for (int row = 0; row < ROWS; row++) {
            for (int token = 0; token < VOCABULARY; token++) {
                double product = 0;
                double squares = 0;
                for (int i = 0; i < WIDTH; i++) {
                    double w = weight[token * WIDTH + i];
                    product += hidden[row * WIDTH + i] * w;
                    squares += w * w;
                }
                double logit = head.normalised() ? product / Math.sqrt(squares) : product;
                logit = head.scale() * (logit + (head.biased() ? bias[token] : 0));
                double cap = head.softCap().orElse(0);
                logits[row * VOCABULARY + token] = cap == 0 ? logit : cap * Math.tanh(logit / cap);
            }
        }
        return logits;
    }

    private double[] differences(Head head, double[] values) {
        DoubleSupplier loss = () -> {
            double[] logits = logits(head);
            double sum = 0;
            for (int i = 0; i < logits.length; i++) {
                sum += logits[i] * byLogits[i];
            }
            return sum;
        };
        double[] slopes = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            double value = values[i];
            values[i] = value + STEP;
            double above = loss.getAsDouble();
            values[i] = value - STEP;
            slopes[i] = (above - loss.getAsDouble()) / (2 * STEP);
            values[i] = value;
        }
        return slopes;
    }

    private static void assertClose(String what, INDArray actual, double[] expected) {
        double[] values = actual.dup('c').data().asDouble();
        double largest = 0;
        double difference = 0;
        for (int i = 0; i < expected.length; i++) {
            largest = Math.max(largest, Math.abs(expected[i]));
            difference = Math.max(difference, Math.abs(expected[i] - values[i]));
        }
        assertThat(values).as(what).hasSameSizeAs(expected);
        assertThat(difference).as(what).isLessThanOrEqualTo(TOLERANCE * largest);
    }
}
