package org.laco.model.block;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.common.collect.ImmutableList;
import org.junit.jupiter.api.Test;

/** Slopes against those that transformers 5.23 computes for BLOOM. */
class AlibiTest {
    @Test
    void eightHeadsHaveHalvedSlopes() {
        assertThat(Alibi.slopes(8)).containsExactly(0.5, 0.25, 0.125, 0.0625, 0.03125, 0.015625, 0.0078125, 0.00390625);
    }

    @Test
    void headsBeyondAPowerOfTwoTakeEverySecondSlopeOfTheNext() {
        ImmutableList<Double> slopes = Alibi.slopes(12);
        assertThat(slopes).hasSize(12);
        assertThat(slopes.subList(0, 8)).isEqualTo(Alibi.slopes(8));
        double[] others = {0.707106769, 0.353553385, 0.176776677, 0.0883883387};
        for (int i = 0; i < others.length; i++) {
            assertThat(slopes.get(8 + i)).isCloseTo(others[i], within(1e-7));
        }
    }
}
