package org.laco.onednn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.laco.kernel.Activation;
import org.laco.kernel.Kernels;
import org.laco.kernel.MatrixProduct;
import org.laco.kernel.Nd4jKernels;
import org.laco.tensor.HostFloats;
import org.laco.tensor.Precision;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class OneDnnProductTest {
    private final MatrixProduct product = new OneDnnProduct();

    @BeforeEach
    void requireTheLibrary() {
        assumeThat(new OneDnnProvider().isAvailable())
                .as("oneDNN's library is there for this platform")
                .isTrue();
    }

    /** The operands of a product, the same for the same seed. */
    private record Operands(int seed, INDArray x, INDArray weight, boolean inputFirst) {
        static Operands of(RepetitionInfo repetition, int mostRows, int mostColumns) {
            int seed = repetition.getCurrentRepetition();
            SplittableRandom random = new SplittableRandom(seed);
            int rows = size(random, mostRows);
            int in = size(random, mostColumns);
            int out = size(random, mostColumns);
            boolean inputFirst = random.nextBoolean();
            return new Operands(
                    seed,
                    values(random, rows, in),
                    inputFirst ? values(random, in, out) : values(random, out, in),
                    inputFirst);
        }

        /** Any size up to a largest one, the ends more often. */
        private static int size(SplittableRandom random, int most) {
            return switch (random.nextInt(8)) {
                case 0 -> 1;
                case 1 -> most;
                default -> random.nextInt(1, most + 1);
            };
        }

        private static INDArray values(SplittableRandom random, int rows, int columns) {
            float[] values = new float[rows * columns];
            for (int i = 0; i < values.length; i++) {
                values[i] = random.nextFloat() - 0.5f;
            }
            return Nd4j.createFromArray(values).reshape('c', rows, columns);
        }

        Operands withWeight(DataType type) {
            return new Operands(seed, x, weight.castTo(type), inputFirst);
        }

        int in() {
            return (int) x.size(1);
        }

        INDArray result() {
            return matrix(x.size(0), weight.size(inputFirst ? 1 : 0));
        }

        @Override
        public String toString() {
            return String.format(
                    "seed %d: %s x %s, input %s",
                    seed, x.shapeInfoToString(), weight.shapeInfoToString(), inputFirst ? "first" : "last");
        }
    }

    @RepeatedTest(value = 150, failureThreshold = 1)
    void multipliesAsNd4jDoes(RepetitionInfo repetition) {
        Operands operands = Operands.of(repetition, 130, 300);
        INDArray actual = operands.result();
        INDArray expected = operands.result();

        product.multiply(operands.x(), operands.weight(), operands.inputFirst(), actual);
        MatrixProduct.ofNd4j().multiply(operands.x(), operands.weight(), operands.inputFirst(), expected);

        assertThat(actual.sub(expected).amaxNumber().doubleValue())
                .as("%s", operands)
                .isLessThanOrEqualTo(2e-7 * operands.in());
    }

    /** A product of few rows multiplies by the weight as it lies. */
    @Test
    void packsWeightsWithLongRows() {
        INDArray x = random(300, 40);
        INDArray weight = random(40, 1500);
        INDArray packed = matrix(300, 1500);
        INDArray few = matrix(20, 1500);

        product.multiply(x, weight, true, packed);
        product.multiply(HostFloats.rows(x, 280, 300), weight, true, few);

        assertThat(packed.sub(x.mmul(weight)).amaxNumber().doubleValue()).isLessThanOrEqualTo(2e-7 * 40);
        assertThat(HostFloats.rows(packed, 280, 300).dup('c')).isEqualTo(few);
    }

    @Test
    void packsMatricesWithLongRowsForSums() {
        INDArray a = random(310, 300);
        INDArray b = random(310, 1100);
        INDArray actual = random(300, 1100);
        INDArray expected = actual.add(a.transpose().mmul(b));

        product.addTransposed(a, b, actual);

        assertThat(actual.sub(expected).amaxNumber().doubleValue()).isLessThanOrEqualTo(2e-7 * 310);
    }

    @Test
    void readsRowsWhereTheyLieInALargerMatrix() {
        INDArray all = random(40, 64);
        INDArray weight = random(32, 64);
        INDArray whole = matrix(40, 32);
        INDArray part = matrix(9, 32);
        product.multiply(all, weight, false, whole);

        product.multiply(HostFloats.rows(all, 17, 26), weight, false, part);

        assertThat(part.sub(HostFloats.rows(whole, 17, 26)).amaxNumber().doubleValue())
                .isLessThan(1e-5);
    }

    @Test
    void givesEveryThreadTheSameProduct() {
        INDArray x = random(37, 576);
        INDArray weight = random(192, 576);
        INDArray alone = matrix(37, 192);
        product.multiply(x, weight, false, alone);

        List<INDArray> together = IntStream.range(0, 64)
                .parallel()
                .mapToObj(i -> {
                    INDArray out = matrix(37, 192);
                    product.multiply(x, weight, false, out);
                    return out;
                })
                .toList();

        assertThat(together).allSatisfy(out -> assertThat(out).isEqualTo(alone));
    }

    @RepeatedTest(value = 60, failureThreshold = 1)
    void roundsInputAndWeightAndSumsInFloat32(RepetitionInfo repetition) {
        MatrixProduct rounded = rounded();
        Operands operands = Operands.of(repetition, 80, 200).withWeight(DataType.BFLOAT16);
        INDArray actual = operands.result();
        INDArray expected = operands.result();

        rounded.multiply(operands.x(), operands.weight(), operands.inputFirst(), actual);
        MatrixProduct.ofNd4j()
                .multiply(
                        operands.x().castTo(DataType.BFLOAT16).castTo(DataType.FLOAT),
                        operands.weight().castTo(DataType.FLOAT),
                        operands.inputFirst(),
                        expected);

        assertThat(actual.sub(expected).amaxNumber().doubleValue())
                .as("%s", operands)
                .isLessThanOrEqualTo(2e-7 * operands.in());
    }

    @Test
    void takesWeightsOfBfloat16AsTheyAreStoredIfItRoundsAndOthersAsInFloat32() {
        assertThat(rounded().weightType(DataType.BFLOAT16)).isEqualTo(DataType.BFLOAT16);
        assertThat(rounded().weightType(DataType.HALF)).isEqualTo(new OneDnnProduct().weightType(DataType.HALF));
    }

    @RepeatedTest(value = 60, failureThreshold = 1)
    void widensStoredWeightsToWhatFloat32WeightsGiveBitForBit(RepetitionInfo repetition) {
        OneDnnProduct exact = new OneDnnProduct();
        DataType type = repetition.getCurrentRepetition() % 2 == 0 ? DataType.BFLOAT16 : DataType.HALF;
        assumeThat(exact.weightType(type))
                .as("oneDNN can widen weights of %s on this processor", type)
                .isEqualTo(type);
        Operands operands = Operands.of(repetition, 80, 200).withWeight(type);
        INDArray actual = operands.result();
        INDArray expected = operands.result();

        exact.multiply(operands.x(), operands.weight(), operands.inputFirst(), actual);
        exact.multiply(operands.x(), operands.weight().castTo(DataType.FLOAT), operands.inputFirst(), expected);

        assertThat(actual).as("%s", operands).isEqualTo(expected);
    }

    @ParameterizedTest
    @EnumSource(
            value = Activation.class,
            names = {"SILU", "GELU", "GELU_TANH", "RELU"})
    void activatesAndGatesAProductAsItIsComputed(Activation activation) {
        INDArray x = random(23, 160).muli(4);
        INDArray weight = random(96, 160);
        INDArray factors = random(23, 96);
        INDArray actual = matrix(23, 96);
        INDArray expected = matrix(23, 96);

        product.multiplyGated(activation, x, weight, false, factors, actual);
        MatrixProduct.ofNd4j().multiply(x, weight, false, expected);
        new Nd4jKernels().gate(activation, expected, factors);

        assertThat(actual.sub(expected).amaxNumber().doubleValue()).isLessThan(2e-5);
    }

    @Test
    void refusesFactorsThatDoNotFit() {
        assertThatThrownBy(() -> product.multiplyGated(
                        Activation.SILU, random(3, 8), random(5, 8), false, random(3, 4), matrix(3, 5)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("factors [3, 4] don't fit a product [3, 5]");
    }

    @RepeatedTest(value = 60, failureThreshold = 1)
    void addsTheProductOfATransposedMatrix(RepetitionInfo repetition) {
        SplittableRandom random = new SplittableRandom(repetition.getCurrentRepetition());
        int rows = Operands.size(random, 150);
        int columns = Operands.size(random, 90);
        INDArray all = Operands.values(random, rows, columns);
        INDArray b = Operands.values(random, rows, Operands.size(random, 90));
        int from = random.nextInt(columns);
        int to = random.nextInt(from, columns) + 1;
        INDArray actual = Operands.values(random, to - from, (int) b.size(1));
        INDArray expected =
                actual.add(HostFloats.columns(all, from, to).transpose().mmul(b));

        product.addTransposed(HostFloats.columns(all, from, to), b, actual);

        assertThat(actual.sub(expected).amaxNumber().doubleValue())
                .as("columns %s to %s of %s x %s", from, to, all.shapeInfoToString(), b.shapeInfoToString())
                .isLessThanOrEqualTo(2e-7 * rows);
    }

    @Test
    void refusesASumThatDoesNotFit() {
        assertThatThrownBy(() -> product.addTransposed(random(3, 8), random(3, 5), matrix(8, 6)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a sum [8, 6] doesn't fit the product of a transposed [3, 8] and [3, 5]");
    }

    private static MatrixProduct rounded() {
        assumeThat(new OneDnnProvider().isAvailable())
                .as("oneDNN's library is there for this platform")
                .isTrue();
        return new OneDnnProduct().in(Precision.BFLOAT16).orElseThrow();
    }

    @Test
    void returnsFromBfloat16ToFloat32() {
        INDArray x = random(5, 40);
        INDArray weight = random(7, 40).castTo(DataType.BFLOAT16);
        INDArray actual = matrix(5, 7);
        INDArray expected = matrix(5, 7);

        MatrixProduct exact = rounded().in(Precision.FLOAT32).orElseThrow();
        INDArray taken = exact.weightType(DataType.BFLOAT16) == DataType.FLOAT ? weight.castTo(DataType.FLOAT) : weight;
        exact.multiply(x, taken, false, actual);
        MatrixProduct.ofNd4j().multiply(x, weight.castTo(DataType.FLOAT), false, expected);

        assertThat(actual.sub(expected).amaxNumber().doubleValue()).isLessThan(1e-5);
    }

    @Test
    void keepsNoNativeObjectOnceItIsClosed() {
        for (int cycle = 0; cycle < 20; cycle++) {
            OneDnnProduct cycled = new OneDnnProduct();
            MatrixProduct low = cycled.in(Precision.BFLOAT16).orElseThrow();
            INDArray weight = random(48, 64);
            INDArray stored = weight.castTo(DataType.BFLOAT16);
            IntStream.rangeClosed(1, 16).parallel().forEach(rows -> {
                INDArray x = random(rows, 64);
                cycled.multiply(x, weight, false, matrix(rows, 48));
                cycled.multiplyGated(Activation.SILU, x, weight, false, random(rows, 48), matrix(rows, 48));
                low.multiply(x, stored, false, matrix(rows, 48));
            });
            assertThat(cycled.live()).isPositive();

            cycled.close();
            cycled.close();

            assertThat(cycled.live()).isZero();
        }
    }

    @Test
    void canBeClosedWhileOtherThreadsMultiply() {
        OneDnnProduct shared = new OneDnnProduct();
        INDArray x = random(37, 576);
        INDArray weight = random(192, 576);
        INDArray expected = matrix(37, 192);
        product.multiply(x, weight, false, expected);

        List<INDArray> results = IntStream.range(0, 64)
                .parallel()
                .mapToObj(i -> {
                    if (i % 8 == 3) {
                        shared.close();
                    }
                    INDArray out = matrix(37, 192);
                    shared.multiply(x, weight, false, out);
                    return out;
                })
                .toList();

        assertThat(results).allSatisfy(out -> assertThat(out).isEqualTo(expected));
        assertThat(shared.live()).isZero();
    }

    @Test
    void refusesAWeightThatDoesNotFit() {
        assertThatThrownBy(() -> product.multiply(random(3, 8), random(5, 9), false, matrix(3, 5)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a weight [5, 9] doesn't fit a product of [3, 8] x [8, 5]");
    }

    @Test
    void isWhatTheKernelsUseWhereItIsOnTheClassPath() {
        assertThat(Kernels.ofBackend().name()).isEqualTo(product.name()).startsWith("oneDNN 3.");
    }

    @Test
    void isTurnedOffByTheSystemProperty() {
        System.setProperty(Kernels.PROPERTY, "nd4j");
        try {
            assertThat(Kernels.ofBackend().name()).startsWith("ND4J");
        } finally {
            System.clearProperty(Kernels.PROPERTY);
        }
    }

    private static INDArray random(long... shape) {
        return Nd4j.rand(DataType.FLOAT, shape).subi(0.5);
    }

    private static INDArray matrix(long rows, long columns) {
        return Nd4j.createUninitialized(DataType.FLOAT, new long[] {rows, columns}, 'c');
    }
}
