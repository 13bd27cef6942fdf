package org.laco.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.laco.tensor.SequenceLayout;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** Holds the loops against ND4J's operations, which the conformance fixtures hold against transformers. */
class HostKernelsTest {
    private static final double TOLERANCE = 2e-6;
    private static final SequenceLayout SEQUENCES = SequenceLayout.of(List.of(5, 1, 70, 33, 200));

    private final Kernels host = Kernels.of(new BlasProduct());
    private final Kernels nd4j = new Nd4jKernels();

    private static INDArray random(long... shape) {
        return Nd4j.randn(DataType.FLOAT, shape);
    }

    private static void assertClose(INDArray actual, INDArray expected) {
        assertThat(actual.shape()).isEqualTo(expected.shape());
        assertThat(actual.sub(expected).amaxNumber().doubleValue())
                .isLessThanOrEqualTo(TOLERANCE * expected.amaxNumber().doubleValue());
    }

    @Test
    void normalisesByTheRootMeanSquareGroupByGroup() {
        INDArray x = random(109, 192);

        assertClose(
                host.rmsNorm(x, random(192).assign(2), 1e-5, 0),
                nd4j.rmsNorm(x, random(192).assign(2), 1e-5, 0));
        INDArray weight = random(64);
        assertClose(host.rmsNorm(x, weight, 1e-6, 1), nd4j.rmsNorm(x, weight, 1e-6, 1));
    }

    @Test
    void normalisesByMeanAndVariance() {
        INDArray x = random(109, 130).addi(3);
        INDArray weight = random(130);
        INDArray bias = random(130);

        assertClose(host.layerNorm(x, weight, bias, 1e-5), nd4j.layerNorm(x, weight, bias, 1e-5));
        assertClose(host.layerNorm(x, null, null, 1e-5), nd4j.layerNorm(x, null, null, 1e-5));
    }

    @Test
    void addsTheBiasOfALinearMap() {
        INDArray x = random(109, 40);
        INDArray weight = random(30, 40);
        INDArray bias = random(30);

        assertClose(host.linear(x, weight, bias), nd4j.linear(x, weight, bias));
        assertClose(
                host.linearTransposed(x, weight.transpose().dup('c'), bias),
                nd4j.linearTransposed(x, weight.transpose().dup('c'), bias));
    }

    @ParameterizedTest
    @EnumSource
    void activatesAndGates(Activation activation) {
        INDArray x = random(109, 130).muli(4);
        INDArray gated = random(109, 130);
        INDArray expected = x.dup('c');
        INDArray actual = x.dup('c');
        nd4j.activate(activation, expected);
        host.activate(activation, actual);
        assertClose(actual, expected);

        INDArray both = x.dup('c');
        host.gate(activation, both, gated);
        assertClose(both, expected.mul(gated));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 12})
    void rotatesPairsApartAndSideBySide(int pairs) {
        float[] angles = random(109, pairs).data().asFloat();
        float[] others = random(109, pairs).data().asFloat();
        for (boolean interleaved : new boolean[] {false, true}) {
            RotaryTable table = new RotaryTable(angles, others, pairs, interleaved);
            INDArray expected = random(109, 96);
            INDArray actual = expected.dup('c');
            nd4j.rotate(expected, 32, table);
            host.rotate(actual, 32, table);
            assertClose(actual, expected);
        }
    }

    static Stream<AttentionSpec> attentions() {
        return Stream.of(
                spec(OptionalDouble.empty(), OptionalInt.empty(), ImmutableList.of()),
                spec(OptionalDouble.of(2), OptionalInt.empty(), ImmutableList.of()),
                spec(OptionalDouble.empty(), OptionalInt.of(7), ImmutableList.of()),
                spec(OptionalDouble.empty(), OptionalInt.of(90), ImmutableList.of()),
                spec(OptionalDouble.empty(), OptionalInt.empty(), ImmutableList.of(0.5, 0.25, 0.125, 0.0625)),
                spec(OptionalDouble.empty(), OptionalInt.of(7), ImmutableList.of())
                        .withSinks(List.of(0.5f, -1f, 4f, 0f)));
    }

    private static AttentionSpec spec(OptionalDouble cap, OptionalInt window, ImmutableList<Double> slopes) {
        return new AttentionSpec(4, 2, 20, 0.3, cap, window, slopes);
    }

    @ParameterizedTest
    @MethodSource("attentions")
    void attendsWithinEachSequence(AttentionSpec spec) {
        INDArray queries = random(SEQUENCES.rows(), 80).muli(2);
        INDArray keys = random(SEQUENCES.rows(), 40);
        INDArray values = random(SEQUENCES.rows(), 40);

        assertClose(
                host.attention(queries, keys, values, spec, SEQUENCES),
                nd4j.attention(queries, keys, values, spec, SEQUENCES));
    }

    @ParameterizedTest
    @MethodSource("attentions")
    void computesARowInTheSameWayInEveryBatch(AttentionSpec spec) {
        INDArray queries = random(SEQUENCES.rows(), 80);
        INDArray keys = random(SEQUENCES.rows(), 40);
        INDArray values = random(SEQUENCES.rows(), 40);
        INDArray together = host.attention(queries, keys, values, spec, SEQUENCES);
        for (int i = 0; i < SEQUENCES.count(); i++) {
            INDArray alone = host.sequential()
                    .attention(
                            rows(queries, i),
                            rows(keys, i),
                            rows(values, i),
                            spec,
                            SequenceLayout.of(List.of(SEQUENCES.length(i))));
            assertThat(alone.data().asFloat())
                    .isEqualTo(rows(together, i).data().asFloat());
        }
    }

    /** Texts below and above the length from which on products are used, with sequences that continue others. */
    private static SequenceLayout branching() {
        return SequenceLayout.branching(
                List.of(5, 3, 4, 33, 70, 20, 2, 30, 100),
                List.of(
                        OptionalInt.empty(),
                        OptionalInt.of(0),
                        OptionalInt.of(0),
                        OptionalInt.empty(),
                        OptionalInt.empty(),
                        OptionalInt.of(4),
                        OptionalInt.of(5),
                        OptionalInt.of(4),
                        OptionalInt.of(5)));
    }

    @ParameterizedTest
    @MethodSource("attentions")
    void attendsToWhatASequenceContinues(AttentionSpec spec) {
        SequenceLayout sequences = branching();
        INDArray queries = random(sequences.rows(), 80).muli(2);
        INDArray keys = random(sequences.rows(), 40);
        INDArray values = random(sequences.rows(), 40);

        INDArray weighted = host.branchingAttention(queries, keys, values, spec, sequences);

        assertClose(nd4j.branchingAttention(queries, keys, values, spec, sequences), weighted);
        for (int i = 0; i < sequences.count(); i++) {
            int[] seen = sequences.rowsUpTo(i);
            INDArray alone = nd4j.attention(
                    Nd4j.pullRows(queries, 1, seen),
                    Nd4j.pullRows(keys, 1, seen),
                    Nd4j.pullRows(values, 1, seen),
                    spec,
                    SequenceLayout.of(List.of(seen.length)));
            assertClose(Nd4j.pullRows(weighted, 1, seen), alone);
        }
    }

    private static INDArray rows(INDArray matrix, int sequence) {
        int start = SEQUENCES.start(sequence);
        return matrix.get(NDArrayIndex.interval(start, start + SEQUENCES.length(sequence)), NDArrayIndex.all())
                .dup('c');
    }

    @Test
    void addsToASumWithoutChangingWhatIsAdded() {
        INDArray sum = random(109, 130);
        INDArray x = random(109, 130);
        INDArray expected = sum.add(x);
        INDArray before = x.dup('c');

        host.add(sum, x);

        assertThat(sum).isEqualTo(expected);
        assertThat(x).isEqualTo(before);
    }
}
