package org.laco.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Optional;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Losses and gradients as torch 2.15 computes them in float64. */
class LossTileTest {
    private static final float[][] ORIGINAL = {{2, -1, 0.5f, 3, 0, -2}, {0.1f, 0.2f, 0.3f, 0.4f, 0.5f, 0.6f}};
    private static final float[][] TRAINED = {{1, 0, 0.25f, 2, 1.5f, -1}, {1.5f, -0.5f, 0.75f, 0, 2, 0.3f}};

    private static final double[][] DIVERGENCE = {
        {-0.08359881779915512, 0.045989715, 0.020642298, -0.227245147, 0.227293281, 0.016918671},
        {0.136571294, -0.105584926, -0.031309994, -0.113665466, 0.245239253, -0.131250162}
    };
    private static final double[][] TOP_THREE = {
        {-0.083598818, 0.049610782, 0.020642298, -0.227245147, 0.222340098, 0.018250787},
        {-0.000201297, -0.0000272426, -0.0000950859, -0.113665466, 0.245239253, -0.131250162}
    };
    private static final double[] NEXT_TOKEN = {
        0.157664438, 0.058001505, 0.074475407, 0.428576376, -0.740055288, 0.021337561
    };
    private static final int[] NO_NEXT = {LossTile.NONE, LossTile.NONE};

    private final INDArray gradient = Nd4j.create(DataType.FLOAT, 2, 6);

    @Test
    void computesTheDivergenceFromAllLogits() {
        LossTile tile = new LossTile(Optional.of(() -> new WholeOriginalRow(6)), 1, 0);
        LossTile.Sums sums =
                tile.compute(Nd4j.createFromArray(TRAINED), Nd4j.createFromArray(ORIGINAL), NO_NEXT, gradient);
        assertThat(sums.divergence()).isCloseTo(0.2705549500 + 0.3692619571, within(1e-6));
        assertThat(sums.nextToken()).isZero();
        assertClose(DIVERGENCE);
    }

    @Test
    void takesWhatIsNotAmongTheLikeliestAsOneClass() {
        LossTile tile = new LossTile(Optional.of(() -> new TopOriginalRow(3)), 1, 0);
        LossTile.Sums sums = tile.compute(Nd4j.createFromArray(TRAINED), kept(3), NO_NEXT, gradient);
        assertThat(sums.divergence()).isCloseTo(0.2692718721 + 0.2333633677, within(1e-6));
        assertClose(TOP_THREE);
    }

    @Test
    void losesNothingWhenAllButOneTokenAreToldApart() {
        LossTile tile = new LossTile(Optional.of(() -> new TopOriginalRow(5)), 1, 0);
        LossTile.Sums sums = tile.compute(Nd4j.createFromArray(TRAINED), kept(5), NO_NEXT, gradient);
        assertThat(sums.divergence()).isCloseTo(0.2705549500 + 0.3692619571, within(1e-6));
        assertClose(DIVERGENCE);
    }

    @Test
    void predictsTheNextTokenWhereThereIsOne() {
        LossTile tile = new LossTile(Optional.empty(), 0, 1);
        LossTile.Sums sums = tile.compute(Nd4j.createFromArray(TRAINED), null, new int[] {4, LossTile.NONE}, gradient);
        assertThat(sums.nextToken()).isCloseTo(1.3472863157, within(1e-6));
        assertClose(new double[][] {NEXT_TOKEN, new double[6]});
    }

    @Test
    void addsTheGradientsOfAMixtureByTheirFactors() {
        LossTile tile = new LossTile(Optional.of(() -> new WholeOriginalRow(6)), 0.25, 0.5);
        tile.compute(
                Nd4j.createFromArray(TRAINED), Nd4j.createFromArray(ORIGINAL), new int[] {4, LossTile.NONE}, gradient);
        double[][] expected = new double[2][6];
        for (int i = 0; i < 6; i++) {
            expected[0][i] = 0.25 * DIVERGENCE[0][i] + 0.5 * NEXT_TOKEN[i];
            expected[1][i] = 0.25 * DIVERGENCE[1][i];
        }
        assertClose(expected);
    }

    @Test
    void divergesNotAtAllFromItself() {
        for (Supplier<OriginalRow> row : new Supplier[] {() -> new WholeOriginalRow(6), () -> new TopOriginalRow(2)}) {
            boolean whole = row.get() instanceof WholeOriginalRow;
            LossTile.Sums sums = new LossTile(Optional.of(row), 1, 0)
                    .compute(
                            Nd4j.createFromArray(ORIGINAL),
                            whole ? Nd4j.createFromArray(ORIGINAL) : kept(2),
                            NO_NEXT,
                            gradient);
            assertThat(sums.divergence()).isCloseTo(0, within(1e-6));
            assertClose(new double[2][6]);
        }
    }

    /** What is kept of the original's likeliest tokens. */
    private static INDArray kept(int count) {
        float[][] kept = new float[ORIGINAL.length][TopOriginalRow.width(count)];
        for (int row = 0; row < kept.length; row++) {
            NextTokenRow distribution = new NextTokenRow(6);
            System.arraycopy(ORIGINAL[row], 0, distribution.logits(), 0, 6);
            distribution.normalise();
            TopOriginalRow.keep(distribution, count, kept[row]);
        }
        return Nd4j.createFromArray(kept);
    }

    private void assertClose(double[][] expected) {
        for (int row = 0; row < expected.length; row++) {
            for (int i = 0; i < expected[row].length; i++) {
                assertThat(gradient.getDouble(row, i))
                        .as("row %s, logit %s", row, i)
                        .isCloseTo(expected[row][i], within(2e-7));
            }
        }
    }
}
