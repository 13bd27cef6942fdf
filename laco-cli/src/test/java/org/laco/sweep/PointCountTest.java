package org.laco.sweep;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.base.Ticker;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class PointCountTest {
    private long now;

    private final Ticker ticker = new Ticker() {
        @Override
        public long read() {
            return now;
        }
    };

    private void pass(int seconds) {
        now += Duration.ofSeconds(seconds).toNanos();
    }

    @Test
    void saysWhichPointItIsAndWhatIsLeftByThoseThatWereMade() {
        PointCount count = new PointCount(12, ticker);
        assertThat(count.begin("measuring the original")).isEqualTo("point 1 of 12: measuring the original");
        pass(20);
        assertThat(count.begin("runs to 8 layers")).isEqualTo("point 2 of 12, 3 min 40 s left: runs to 8 layers");
        pass(28);
        assertThat(count.begin("last to 8 layers")).isEqualTo("point 3 of 12, 4 min 0 s left: last to 8 layers");
    }

    @Test
    void doesNotTakePointsOfBeforeForFastOnes() {
        PointCount count = new PointCount(10, ticker);
        count.skip(6);
        assertThat(count.begin("a")).isEqualTo("point 7 of 10: a");
        pass(30);
        assertThat(count.begin("b")).isEqualTo("point 8 of 10, 1 min 30 s left: b");
        count.skip(1);
        pass(30);
        assertThat(count.begin("c")).isEqualTo("point 10 of 10, 30 s left: c");
    }
}
