package org.laco.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.laco.tensor.SequenceLayout;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Holds the loops and ND4J's operations against one another; the blocks' tests hold both against central differences. */
class DerivativesTest {
    private static final double TOLERANCE = 5e-6;
    private static final SequenceLayout SEQUENCES = SequenceLayout.of(List.of(5, 1, 70, 33, 200));
    private static final int ROWS = SEQUENCES.rows();

    private final Kernels kernels = Kernels.of(new BlasProduct());
    private final Derivatives host = kernels.derivatives();
    private final Derivatives nd4j = new Nd4jKernels().derivatives();

    @BeforeEach
    void seed() {
        Nd4j.getRandom().setSeed(14);
    }

    private static INDArray random(long... shape) {
        return Nd4j.randn(DataType.FLOAT, shape);
    }

    private static void assertClose(INDArray actual, INDArray expected) {
        assertThat(actual.shape()).isEqualTo(expected.shape());
        assertThat(actual.sub(expected).amaxNumber().doubleValue())
                .isLessThanOrEqualTo(TOLERANCE * expected.amaxNumber().doubleValue());
    }

    /** What is computed with sums that begin with the same content. */
    private interface Summed {
        void run(Derivatives derivatives, INDArray sum);
    }

    private void assertSameSums(Summed operation, long... shape) {
        INDArray actual = random(shape);
        INDArray expected = actual.dup('c');
        INDArray before = actual.dup('c');
        operation.run(host, actual);
        operation.run(nd4j, expected);
        assertClose(actual, expected);
        assertThat(expected.sub(before).amaxNumber().doubleValue()).isGreaterThan(0.1);
    }

    @Test
    void addsTheProductOfATransposedMatrix() {
        INDArray a = random(ROWS, 40);
        INDArray b = random(ROWS, 30);

        assertSameSums((derivatives, sum) -> derivatives.addTransposedProduct(a, b, sum), 40, 30);
        INDArray sum = Nd4j.zeros(DataType.FLOAT, 40, 30);
        host.addTransposedProduct(a, b, sum);
        assertClose(sum, a.transpose().mmul(b));
    }

    @Test
    void addsTheProductOfAMatrixThatIsTransposedInParts() {
        INDArray a = random(20, 9000);
        INDArray b = random(20, 3);

        assertSameSums((derivatives, sum) -> derivatives.addTransposedProduct(a, b, sum), 9000, 3);
    }

    @Test
    void addsTheSumsOfColumns() {
        INDArray gradient = random(ROWS, 130);

        assertSameSums((derivatives, sum) -> derivatives.addColumnSums(gradient, sum), 130);
    }

    @Test
    void passesBackThroughTheRootMeanSquareGroupByGroup() {
        INDArray gradient = random(ROWS, 192);
        INDArray x = random(ROWS, 192);
        for (int group : new int[] {192, 64}) {
            INDArray weight = random(group);
            assertSameSums(
                    (derivatives, sum) -> derivatives
                            .rmsNorm(gradient, x, weight, 1e-5, 1, sum)
                            .close(),
                    group);
            assertClose(
                    host.rmsNorm(gradient, x, weight, 1e-2, 0, null), nd4j.rmsNorm(gradient, x, weight, 1e-2, 0, null));
        }
    }

    @Test
    void passesBackThroughMeanAndVariance() {
        INDArray gradient = random(ROWS, 130);
        INDArray x = random(ROWS, 130).addi(3);
        INDArray weight = random(130);

        assertClose(
                host.layerNorm(gradient, x, weight, 1e-5, null, null),
                nd4j.layerNorm(gradient, x, weight, 1e-5, null, null));
        assertClose(
                host.layerNorm(gradient, x, null, 1e-2, null, null),
                nd4j.layerNorm(gradient, x, null, 1e-2, null, null));
        assertSameSums((derivatives, sum) -> derivatives.layerNorm(gradient, x, weight, 1e-5, sum, null), 130);
        assertSameSums((derivatives, sum) -> derivatives.layerNorm(gradient, x, weight, 1e-5, null, sum), 130);
    }

    @Test
    void passesBackThroughARotation() {
        int pairs = 12;
        float[] cosines = random(ROWS, pairs).data().asFloat();
        float[] sines = random(ROWS, pairs).data().asFloat();
        for (boolean interleaved : new boolean[] {false, true}) {
            RotaryTable table = new RotaryTable(cosines, sines, pairs, interleaved);
            INDArray expected = random(ROWS, 96);
            INDArray actual = expected.dup('c');
            nd4j.rotate(expected, 32, table);
            host.rotate(actual, 32, table);
            assertClose(actual, expected);
        }
    }

    @ParameterizedTest
    @EnumSource
    void passesBackThroughAnActivation(Activation activation) {
        INDArray x = random(ROWS, 130).muli(3);
        INDArray expected = random(ROWS, 130);
        INDArray actual = expected.dup('c');
        nd4j.activate(activation, x, expected);
        host.activate(activation, x, actual);

        assertClose(actual, expected);
    }

    @ParameterizedTest
    @EnumSource
    void passesBackThroughAGate(Activation activation) {
        INDArray inner = random(ROWS, 130).muli(3);
        INDArray gated = random(ROWS, 130);
        INDArray expected = random(ROWS, 130);
        INDArray actual = expected.dup('c');

        assertClose(host.gate(activation, inner, gated, actual), nd4j.gate(activation, inner, gated, expected));
        assertClose(actual, expected);
    }

    static Stream<AttentionSpec> attentions() {
        return Stream.of(
                spec(2, OptionalDouble.empty(), OptionalInt.empty(), ImmutableList.of()),
                spec(4, OptionalDouble.empty(), OptionalInt.empty(), ImmutableList.of()),
                spec(1, OptionalDouble.of(2), OptionalInt.empty(), ImmutableList.of()),
                spec(2, OptionalDouble.empty(), OptionalInt.of(7), ImmutableList.of()),
                spec(2, OptionalDouble.of(2), OptionalInt.of(90), ImmutableList.of(0.5, 0.25, 0.125, 0.0625)),
                spec(2, OptionalDouble.empty(), OptionalInt.of(7), ImmutableList.of())
                        .withSinks(List.of(0.5f, -1f, 4f, 0f)),
                spec(4, OptionalDouble.empty(), OptionalInt.empty(), ImmutableList.of(0.5, 0.25, 0.125, 0.0625)));
    }

    private static AttentionSpec spec(
            int keyHeads, OptionalDouble cap, OptionalInt window, ImmutableList<Double> slopes) {
        return new AttentionSpec(4, keyHeads, 20, 0.3, cap, window, slopes);
    }

    @ParameterizedTest
    @MethodSource("attentions")
    void passesBackThroughAttentionWithinEachSequence(AttentionSpec spec) {
        INDArray queries = random(ROWS, 80).muli(2);
        INDArray keys = random(ROWS, spec.keyWidth());
        INDArray values = random(ROWS, spec.keyWidth());
        INDArray weighted = kernels.attention(queries, keys, values, spec, SEQUENCES);
        INDArray gradient = random(ROWS, 80);

        AttentionGradients actual = host.attention(gradient, queries, keys, values, weighted, spec, SEQUENCES);
        AttentionGradients expected = nd4j.attention(gradient, queries, keys, values, weighted, spec, SEQUENCES);

        assertClose(actual.queries(), expected.queries());
        assertClose(actual.keys(), expected.keys());
        assertClose(actual.values(), expected.values());
    }

    @Test
    void computesTheSameInOneThread() {
        AttentionSpec spec = spec(2, OptionalDouble.empty(), OptionalInt.empty(), ImmutableList.of());
        INDArray[] x = {random(ROWS, 80), random(ROWS, 80), random(ROWS, 40), random(ROWS, 40), random(ROWS, 80)};
        Derivatives sequential = kernels.sequential().derivatives();

        assertThat(sequential.attention(x[0], x[1], x[2], x[3], x[4], spec, SEQUENCES))
                .isEqualTo(host.attention(x[0], x[1], x[2], x[3], x[4], spec, SEQUENCES));
        assertThat(sequential.rmsNorm(x[0], x[1], random(80).assign(2), 1e-5, 0, null))
                .isEqualTo(host.rmsNorm(x[0], x[1], random(80).assign(2), 1e-5, 0, null));
    }
}
