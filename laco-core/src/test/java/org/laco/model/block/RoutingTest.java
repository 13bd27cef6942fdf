package org.laco.model.block;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.collect.ImmutableList;
import org.junit.jupiter.api.Test;

class RoutingTest {
    private static final float[][] PROBABILITIES = {{0.125f, 0.5f, 0.375f}, {0.25f, 0.25f, 0.5f}};

    @Test
    void eachRowGoesToItsLargestProbabilities() {
        Routing routing = Routing.of(PROBABILITIES, 2, false);
        assertThat(routing.rows(0)).containsExactly(1);
        assertThat(routing.rows(1)).containsExactly(0);
        assertThat(routing.rows(2)).containsExactly(0, 1);
        assertThat(routing.scales(2)).containsExactly(0.375f, 0.5f);
    }

    @Test
    void renormalisedScalesOfARowAddUpToOne() {
        Routing routing = Routing.of(PROBABILITIES, 2, true);
        assertThat(routing.scales(1)[0] + routing.scales(2)[0]).isEqualTo(1f);
        assertThat(routing.scales(1)).containsExactly(0.5f / 0.875f);
    }

    @Test
    void ofEqualProbabilitiesTheFirstExpertIsChosen() {
        Routing routing = Routing.of(PROBABILITIES, 2, false);
        assertThat(routing.rows(0)).containsExactly(1);
        assertThat(routing.rows(1)).doesNotContain(1);
    }

    @Test
    void refusesMoreChoicesThanExperts() {
        Linear router = Linear.of("gate", 4, 1, false);
        assertThatThrownBy(() -> new Experts(router, ImmutableList.of(router), 2, true))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a router of 1 outputs can't choose 2 of 1 experts");
    }
}
