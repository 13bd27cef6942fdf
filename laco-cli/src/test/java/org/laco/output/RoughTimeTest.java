package org.laco.output;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RoughTimeTest {
    @ParameterizedTest
    @CsvSource({
        "0,0 s",
        "400,0 s",
        "59400,59 s",
        "59600,1 min 0 s",
        "130000,2 min 10 s",
        "599000,9 min 59 s",
        "600000,10 min",
        "3580000,1 h 0 min",
        "12000000,3 h 20 min"
    })
    void isAsExactAsItCanBeKnown(long millis, String text) {
        assertThat(RoughTime.of(Duration.ofMillis(millis))).isEqualTo(text);
    }

    @Test
    void takesTheRestToGoOnAsBefore() {
        assertThat(RoughTime.left(Duration.ofSeconds(30), 0.25)).isEqualTo("1 min 30 s");
        assertThat(RoughTime.left(Duration.ofSeconds(30), 1)).isEqualTo("0 s");
    }
}
