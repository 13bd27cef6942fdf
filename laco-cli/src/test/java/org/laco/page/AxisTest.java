package org.laco.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

class AxisTest {
    private static List<String> labels(Axis axis) {
        return axis.ticks().stream().map(axis::label).toList();
    }

    @Test
    void labelsRoundValuesWithAsManyDigitsAsTheyNeed() {
        assertThat(labels(Axis.of(List.of(0.0, 31.5, 47.2), false))).containsExactly("0", "10", "20", "30", "40");
        assertThat(labels(Axis.of(List.of(0.525, 0.7), false))).containsExactly("0.55", "0.60", "0.65", "0.70");
        assertThat(labels(Axis.of(List.of(1200.0, 4_100_000.0), false)))
                .containsExactly("0", "1,000,000", "2,000,000", "3,000,000", "4,000,000");
    }

    @Test
    void labelsANarrowLogarithmicAxisEvenly() {
        assertThat(labels(Axis.of(List.of(2.061, 2.942), true))).containsExactly("2.2", "2.4", "2.6", "2.8");
    }

    @Test
    void labelsAWideLogarithmicAxisByPowersOfTen() {
        assertThat(labels(Axis.of(List.of(27.6, 3648.0), true)))
                .containsExactly("50", "100", "200", "500", "1,000", "2,000");
        assertThat(labels(Axis.of(List.of(27.6, 1.2e6), true)))
                .containsExactly("100", "1,000", "10,000", "100,000", "1,000,000");
    }

    @Test
    void makesEqualRatiosEquallyFarApart() {
        Axis axis = Axis.of(List.of(10.0, 1000.0), true);
        assertThat(axis.share(100) - axis.share(10)).isCloseTo(axis.share(1000) - axis.share(100), within(1e-12));
        assertThat(axis.share(axis.low())).isZero();
        assertThat(axis.share(axis.high())).isEqualTo(1);
    }

    @Test
    void labelsEveryWholeNumberWhereTheseAreLayers() {
        assertThat(labels(Axis.of(List.of(0.0, 11.0), false).everyNumber()))
                .containsExactly("0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11");
    }

    @Test
    void hasRoomAroundOneValue() {
        for (boolean logarithmic : new boolean[] {false, true}) {
            Axis axis = Axis.of(List.of(2.5), logarithmic);
            assertThat(axis.share(2.5)).isCloseTo(0.5, within(1e-9));
            assertThat(axis.ticks()).isNotEmpty();
        }
        assertThat(Axis.of(List.of(0.0), true).share(0)).isEqualTo(0.5);
    }
}
