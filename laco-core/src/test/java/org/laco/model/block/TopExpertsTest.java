package org.laco.model.block;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.laco.tensor.ArrayTensor;
import org.laco.tensor.LayerTensor;
import org.laco.tensor.LayerWeights;
import org.laco.tensor.TensorRole;
import org.nd4j.linalg.factory.Nd4j;

class TopExpertsTest {
    /** Their softmax is {0.125, 0.5, 0.375}, {0.25, 0.25, 0.5}. */
    private static final float[][] SCORES = {{log(1), log(4), log(3)}, {log(1), log(1), log(2)}};

    private static float log(double x) {
        return (float) Math.log(x);
    }

    private static Routing choose(ExpertChoice choice, float[][] scores, float... correction) {
        LayerTensor tensor = new LayerTensor(
                ArrayTensor.of("correction", Nd4j.createFromArray(correction.length == 0 ? new float[1] : correction)),
                TensorRole.BIAS);
        try (LayerWeights weights = LayerWeights.load(ImmutableMap.of("correction", tensor))) {
            return choice.choose(Nd4j.createFromArray(scores), weights);
        }
    }

    @Test
    void eachRowGoesToItsLargestShares() {
        Routing routing = choose(TopExperts.softmax(2), SCORES);
        assertThat(routing.rows(0)).containsExactly(1);
        assertThat(routing.rows(1)).containsExactly(0);
        assertThat(routing.rows(2)).containsExactly(0, 1);
        assertThat(routing.factors(2)).containsExactly(new float[] {0.375f, 0.5f}, within(1e-6f));
    }

    @Test
    void renormalisedFactorsOfARowAddUpToTheScale() {
        Routing routing = choose(TopExperts.softmax(2).renormalised(true).scaled(2.5), SCORES);
        assertThat(routing.factors(1)).containsExactly(new float[] {2.5f * 4 / 7}, within(1e-6f));
        assertThat(routing.factors(1)[0] + routing.factors(2)[0]).isCloseTo(2.5f, within(1e-6f));
    }

    @Test
    void ofEqualScoresTheFirstExpertIsChosen() {
        Routing routing = choose(TopExperts.softmax(2), SCORES);
        assertThat(routing.rows(0)).containsExactly(1);
        assertThat(routing.rows(1)).doesNotContain(1);
    }

    @Test
    void theLargerOfTwoScoresIsChosenThoughTheirSigmoidsAreBothOne() {
        Routing routing = choose(TopExperts.sigmoid(1), new float[][] {{30, 40, 20}});
        assertThat(routing.rows(1)).containsExactly(0);
        assertThat(routing.factors(1)).containsExactly(1f);
    }

    @Test
    void aCorrectionDecidesWhichExpertsAreChosenButNotTheirFactors() {
        Routing routing =
                choose(TopExperts.sigmoid(1).corrected("correction"), new float[][] {{0, 1, 2}}, 0.6f, 0, -0.1f);
        assertThat(routing.rows(0)).containsExactly(0);
        assertThat(routing.factors(0)).containsExactly(0.5f);
    }

    @Test
    void expertsAreChosenFromTheGroupsWhoseTwoBestAreBestTogether() {
        float[][] scores = {{3, -5, -5, 1, 1, 0}};
        TopExperts choice = TopExperts.sigmoid(2).renormalised(true);
        assertThat(choose(choice.among(new ExpertGroups(2, 1, 2)), scores).used())
                .containsExactly(3, 4);
        assertThat(choose(choice.among(new ExpertGroups(2, 1, 1)), scores).used())
                .containsExactly(0, 1);
    }

    @Test
    void theSumOfSharesCanBeKeptFromZeroInOtherWays() {
        TopExperts choice = TopExperts.softmax(1);
        assertThat(choose(choice.dividedBy(new ShareSum(0.5, 0)), SCORES).factors(1))
                .as("what is added to it")
                .containsExactly(new float[] {0.5f}, within(1e-6f));
        assertThat(choose(choice.dividedBy(new ShareSum(0, 0.8)), SCORES).factors(1))
                .as("its least value")
                .containsExactly(new float[] {0.625f}, within(1e-6f));
    }

    @Test
    void aCorrectionMayBeStoredAsARow() {
        TopExperts choice = TopExperts.sigmoid(1).corrected(new ScoreCorrection("correction", true));
        List<TensorDeclaration> declared = new ArrayList<>();
        choice.declare(3, declared::add);
        assertThat(declared).containsExactly(TensorDeclaration.of("correction", TensorRole.BIAS, 1, 3));
    }

    @Test
    void refusesMoreChoicesThanExperts() {
        Linear router = Linear.of("gate", 4, 1, false);
        SeparateExperts one = new SeparateExperts(ImmutableList.of(router));
        assertThatThrownBy(() -> Experts.of(router, TopExperts.softmax(2), one))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("can't choose 2 of 1 experts");
    }

    @Test
    void refusesMoreChoicesThanTheKeptGroupsHave() {
        TopExperts choice = TopExperts.sigmoid(3).among(new ExpertGroups(3, 1, 2));
        assertThatThrownBy(() -> choice.check(6))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("1 of 3 groups of 6 experts can't give 3");
    }
}
