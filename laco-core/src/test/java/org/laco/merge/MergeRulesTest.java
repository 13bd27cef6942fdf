package org.laco.merge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class MergeRulesTest {
    private static float[] merge(MergeRule rule, float[]... weights) {
        return merge(rule, Arrays.stream(weights).map(Nd4j::createFromArray).toArray(INDArray[]::new))
                .toFloatVector();
    }

    private static float[][] mergeMatrices(MergeRule rule, float[][]... weights) {
        return merge(rule, Arrays.stream(weights).map(Nd4j::createFromArray).toArray(INDArray[]::new))
                .toFloatMatrix();
    }

    private static INDArray merge(MergeRule rule, INDArray... weights) {
        INDArray destination = weights[0].ulike();
        rule.merge(
                new SpanWeights() {
                    @Override
                    public int count() {
                        return weights.length;
                    }

                    @Override
                    public void copyTo(int index, INDArray block) {
                        block.assign(weights[index]);
                    }

                    @Override
                    public INDArray scratch() {
                        return Nd4j.valueArrayOf(destination.shape(), Float.NaN, DataType.FLOAT);
                    }
                },
                destination);
        return destination;
    }

    @Test
    void telescopedTakesTheLastLayer() {
        assertThat(merge(MergeRules.telescoped(), new float[] {1, 2}, new float[] {3, 4}, new float[] {5, 7}))
                .containsExactly(5, 7);
        assertThat(MergeRules.telescoped().selects(3)).hasValue(2);
    }

    @Test
    void rdscAddsTheDifferencesToTheBaseLayer() {
        // Eq. (1): 1 + (3 - 1) + (5 - 1) = 7 and 2 + (4 - 2) + (7 - 2) = 9.
        assertThat(merge(MergeRules.rdsc(), new float[] {1, 2}, new float[] {3, 4}, new float[] {5, 7}))
                .containsExactly(7, 9);
    }

    @Test
    void dampedRdscScalesTheDifferences() {
        assertThat(merge(MergeRules.dampedRdsc(0.5), new float[] {1, 2}, new float[] {3, 4}, new float[] {5, 7}))
                .containsExactly(4, 5.5f);
    }

    @Test
    void meanDividesTheSum() {
        assertThat(merge(MergeRules.mean(), new float[] {1, 2}, new float[] {3, 4}, new float[] {5, 9}))
                .containsExactly(3, 5);
    }

    @Test
    void keepFirstDropsTheLayersAbove() {
        assertThat(merge(MergeRules.keepFirst(), new float[] {1}, new float[] {3}))
                .containsExactly(1);
    }

    @Test
    void normPreservingScalesEachRowToTheNormOfTheBaseLayersRow() {
        float[][] base = {{3, 4}, {0, 2}, {0, 0}, {1, 1}};
        float[][] next = {{6, 8}, {5, 2}, {1, 7}, {0, 0}};
        float[][] last = {{6, 0}, {-2, 2}, {2, 2}, {1, 1}};

        // Eq. (1) gives (9, 4), (3, 2), (3, 9) and (0, 0); the base layer's rows have the norms 5, 2, 0 and √2.
        double first = 5 / Math.sqrt(97);
        double second = 2 / Math.sqrt(13);
        assertThat(mergeMatrices(MergeRules.normPreserving(MergeRules.rdsc()), base, next, last))
                .isDeepEqualTo(new float[][] {
                    {9 * (float) first, 4 * (float) first},
                    {3 * (float) second, 2 * (float) second},
                    {0, 0},
                    {0, 0}
                });
    }

    @RepeatedTest(value = 50, failureThreshold = 1)
    void normPreservingKeepsTheFrobeniusNorm(RepetitionInfo repetition) {
        int seed = repetition.getCurrentRepetition();
        SplittableRandom random = new SplittableRandom(seed);
        INDArray weight = Nd4j.createFromArray(floats(random, 12, 1)).reshape(2, 3, 2);
        INDArray merged = merge(
                MergeRules.normPreserving(MergeRules.mean()),
                weight,
                Nd4j.createFromArray(floats(random, 12, 1)).reshape(2, 3, 2),
                Nd4j.createFromArray(floats(random, 12, 1)).reshape(2, 3, 2));

        // A row whose mean is zero has no direction in which to keep its norm.
        for (int row = 0; row < 6; row++) {
            double norm = norm(merged.reshape(6, 2).getRow(row));
            assertThat(norm)
                    .as("seed %s, row %s", seed, row)
                    .isCloseTo(norm == 0 ? 0 : norm(weight.reshape(6, 2).getRow(row)), within(1e-6));
        }
    }

    private static double norm(INDArray row) {
        return Math.hypot(row.getDouble(0), row.getDouble(1));
    }

    @Test
    void normPreservingLeavesVectorsToItsRule() {
        assertThat(merge(
                        MergeRules.normPreserving(MergeRules.rdsc()),
                        new float[] {1, 2},
                        new float[] {3, 4},
                        new float[] {5, 7}))
                .containsExactly(7, 9);
    }

    @Test
    void normPreservingSelectsTheBaseLayerOnly() {
        assertThat(MergeRules.normPreserving(MergeRules.keepFirst()).selects(3)).hasValue(0);
        assertThat(MergeRules.normPreserving(MergeRules.telescoped()).selects(3))
                .isEmpty();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> MergeRules.named("norm-preserving:best:rdsc,mean"))
                .withMessage("norm-preserving: best:rdsc,mean is a choice among rules, make each of them"
                        + " norm-preserving instead");
    }

    @Test
    void aChoiceHoldsEachRuleOnceAndThoseThatSelectTheSameWeightOnce() {
        MergeRule best = MergeRules.best(
                MergeRules.telescoped(), MergeRules.best(MergeRules.rdsc(), MergeRules.mean()), MergeRules.mean());

        assertThat(best.name()).isEqualTo("best:telescoped,rdsc,mean");
        assertThat(best.choices(3)).containsExactly(MergeRules.telescoped(), MergeRules.rdsc(), MergeRules.mean());
        assertThat(best.choices(2))
                .as("of two layers rdsc is telescoped")
                .containsExactly(MergeRules.telescoped(), MergeRules.mean());
        assertThat(MergeRules.best(MergeRules.mean(), MergeRules.mean())).isEqualTo(MergeRules.mean());
        assertThatIllegalArgumentException()
                .isThrownBy(MergeRules::best)
                .withMessage("best: there must be a rule to choose");
    }

    @Test
    void aLineSearchChoosesAmongDampedRules() {
        assertThat(MergeRules.lineSearch(0.25, 0.5, 0.75, 1.0).name())
                .isEqualTo("best:damped-rdsc:0.25,damped-rdsc:0.5,damped-rdsc:0.75,rdsc");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> MergeRules.lineSearch(0.5, 1.5))
                .withMessage("damped-rdsc: λ must be above 0 and at most 1, not 1.5");
    }

    @RepeatedTest(value = 50, failureThreshold = 1)
    void rdscOfTwoLayersIsTelescopedToTheLastBit(RepetitionInfo repetition) {
        int seed = repetition.getCurrentRepetition();
        SplittableRandom random = new SplittableRandom(seed);
        float[] one = floats(random, 8, 1e30f);
        float[] other = floats(random, 8, 1);

        assertThat(merge(MergeRules.rdsc(), one, other))
                .as("seed %s", seed)
                .isEqualTo(merge(MergeRules.telescoped(), one, other));
    }

    /** Returns numbers of any magnitude up to a largest one; every fifth is zero, the largest, or next to it. */
    private static float[] floats(SplittableRandom random, int count, float most) {
        float[] floats = new float[count];
        for (int i = 0; i < count; i++) {
            float size =
                    switch (random.nextInt(15)) {
                        case 0 -> 0;
                        case 1 -> most;
                        case 2 -> Math.nextDown(most);
                        case 3, 4, 5, 6 -> most * (float) Math.pow(10, -8 * random.nextDouble());
                        default -> most * random.nextFloat();
                    };
            floats[i] = random.nextBoolean() ? size : -size;
        }
        return floats;
    }

    @Test
    void findsEachRuleByItsName() {
        for (MergeRule rule : List.of(
                MergeRules.telescoped(),
                MergeRules.rdsc(),
                MergeRules.mean(),
                MergeRules.keepFirst(),
                MergeRules.dampedRdsc(0.25),
                MergeRules.normPreserving(MergeRules.rdsc()),
                MergeRules.normPreserving(MergeRules.dampedRdsc(0.5)),
                MergeRules.best(MergeRules.rdsc(), MergeRules.normPreserving(MergeRules.mean())),
                MergeRules.lineSearch(0.25, 0.5, 1))) {
            assertThat(MergeRules.named(rule.name())).isEqualTo(rule);
        }
    }

    @Test
    void findsNormPoliciesByTheirLabels() {
        assertThat(NormPolicy.named("from-last")).isEqualTo(NormPolicy.FROM_LAST);
        assertThat(NormPolicy.values())
                .extracting(NormPolicy::label)
                .containsExactly("from-base", "from-last", "merged");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> NormPolicy.named("FROM_BASE"))
                .withMessage("'FROM_BASE' is no norm policy, expected from-base, from-last or merged");
    }

    @Test
    void refusesAnUnknownNameWithThoseThatAreKnown() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> MergeRules.named("median"))
                .withMessage(
                        "unknown merge rule median, expected one of telescoped, rdsc, mean, keep-first, damped-rdsc:λ,"
                                + " norm-preserving:RULE, best:RULE,RULE");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> MergeRules.named("damped-rdsc:x"))
                .withMessage("damped-rdsc: λ must be a number, not x");
    }
}
