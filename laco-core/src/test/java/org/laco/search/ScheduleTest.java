package org.laco.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.laco.evaluate.Batching;

class ScheduleTest {
    private final Schedule schedule = new Schedule(2, OptionalInt.of(10), 3, 2);

    @Test
    void startsLayersPerMergeBelowTheTopOfTheRange() {
        assertThat(schedule.walk(12).layer()).isEqualTo(7);
        assertThat(Schedule.defaults().walk(12).layer()).isEqualTo(8);
    }

    @Test
    void movesDownByTheIntervalAfterAnAcceptanceAndElseByOne() {
        Schedule.Walk walk = schedule.walk(12);
        walk.decided(false);
        assertThat(walk.layer()).isEqualTo(6);
        walk.decided(true);
        assertThat(walk.layer()).isEqualTo(4);
        walk.decided(true);
        assertThat(walk.layer()).isEqualTo(2);
        assertThat(walk.isInRange()).isTrue();
        walk.decided(false);
        assertThat(walk.isInRange()).isFalse();
    }

    @Test
    void mergesAsManyFollowingLayersAsThereAre() {
        assertThat(schedule.following(7, 12)).isEqualTo(2);
        assertThat(schedule.following(7, 9)).isEqualTo(1);
    }

    @Test
    void looksPastLayersThatMayNotBeMerged() {
        assertThat(schedule.walk(12).ahead(base -> 1, base -> base != 7, Batching.of(8)))
                .containsExactly(6);
    }

    @Test
    void refusesNumbersThatMakeNoSchedule() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Schedule(1, OptionalInt.empty(), 4, 0))
                .withMessage("the interval must be at least 1, not 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Schedule(1, OptionalInt.empty(), 1, 2))
                .withMessage("a merge takes at least 2 layers, not 1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Schedule(-1, OptionalInt.empty(), 4, 2))
                .withMessage("the range's low end must be 0 or more, not -1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Schedule(5, OptionalInt.of(5), 4, 2))
                .withMessage("the range [5, 5] is empty: low must be below high");
    }
}
