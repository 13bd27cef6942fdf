package org.laco.merge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.FloatRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class MergeRulesTest {
    private static float[] merge(MergeRule rule, float[]... weights) {
        INDArray destination = Nd4j.createFromArray(new float[weights[0].length]);
        rule.merge(
                new WeightRun() {
                    @Override
                    public int count() {
                        return weights.length;
                    }

                    @Override
                    public void copyTo(int index, INDArray block) {
                        block.assign(Nd4j.createFromArray(weights[index]));
                    }
                },
                destination);
        return destination.toFloatVector();
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

    @Property(tries = 50)
    void rdscOfTwoLayersIsTelescopedToTheLastBit(
            @ForAll @Size(8) List<@FloatRange(min = -1e30f, max = 1e30f) Float> base,
            @ForAll @Size(8) List<@FloatRange(min = -1, max = 1) Float> last) {
        float[] one = floats(base);
        float[] other = floats(last);

        assertThat(merge(MergeRules.rdsc(), one, other)).isEqualTo(merge(MergeRules.telescoped(), one, other));
    }

    private static float[] floats(List<Float> values) {
        float[] floats = new float[values.size()];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = values.get(i);
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
                MergeRules.dampedRdsc(0.25))) {
            assertThat(MergeRules.named(rule.name())).isEqualTo(rule);
        }
    }

    @Test
    void refusesAnUnknownNameWithThoseThatAreKnown() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> MergeRules.named("median"))
                .withMessage(
                        "unknown merge rule median, expected one of telescoped, rdsc, mean, keep-first, damped-rdsc:λ");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> MergeRules.named("damped-rdsc:x"))
                .withMessage("damped-rdsc: λ must be a number, not x");
    }
}
