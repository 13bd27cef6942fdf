package org.laco.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class LearningRateTest {
    @Test
    void risesLinearlyAndFallsAlongACosine() {
        LearningRate rate = LearningRate.of(4e-4);
        assertThat(rate.at(0, 80)).isCloseTo(1e-4, within(1e-12));
        assertThat(rate.at(3, 80)).isCloseTo(4e-4, within(1e-12));
        assertThat(rate.at(4, 80)).isCloseTo(4e-4, within(1e-12));
        // Halfway between the end of the warm-up and the last step, the cosine is 0: the mean of peak and floor.
        assertThat(rate.at(42, 80)).isCloseTo((4e-4 + 2e-5) / 2, within(1e-12));
        assertThat(rate.at(80, 80)).isCloseTo(2e-5, within(1e-12));
    }

    @Test
    void staysConstantWithoutWarmUpAndWithAFloorAtThePeak() {
        LearningRate rate = new LearningRate(1e-3, 0, 1);
        assertThat(rate.at(0, 10)).isEqualTo(1e-3);
        assertThat(rate.at(9, 10)).isEqualTo(1e-3);
    }

    @Test
    void refusesSharesBeyondOne() {
        assertThatThrownBy(() -> new LearningRate(1e-3, 1.5, 0)).hasMessageContaining("the warm-up takes 1.5");
        assertThatThrownBy(() -> new LearningRate(0, 0, 0)).hasMessageContaining("0.0 is not above 0");
    }
}
