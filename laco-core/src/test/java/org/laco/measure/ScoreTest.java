package org.laco.measure;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableList;
import org.junit.jupiter.api.Test;
import org.laco.tensor.Precision;

/** How scores are compared. */
class ScoreTest {
    @Test
    void hasTheCosineBesideItWhateverItsMetric() {
        Score divergence = new Score("kl", -3, ImmutableList.of(-3.0));
        assertThat(divergence.similarity()).isEmpty();
        assertThat(divergence.beside(0.9).similarity()).hasValue(0.9);
        assertThat(divergence.beside(0.9).in(Precision.BFLOAT16).similarity()).hasValue(0.9);
        assertThat(new Score("cosine", 0.8, ImmutableList.of(0.8)).similarity()).hasValue(0.8);
        assertThat(new Score("cosine", 0.8, ImmutableList.of(0.8)).beside(0.9).similarity())
                .hasValue(0.8);
    }

    @Test
    void ranksWhatIsNoNumberBelowEverything() {
        Score none = new Score("kl", Double.NaN, ImmutableList.of());
        Score some = new Score("kl", -3, ImmutableList.of(-3.0));
        assertThat(some.isBetterThan(none)).isTrue();
        assertThat(none.isBetterThan(some)).isFalse();
        assertThat(none.isBetterThan(none)).isFalse();
        assertThat(none.lossFrom(some)).isEqualTo(Double.POSITIVE_INFINITY);
        assertThat(some.lossFrom(new Score("kl", -1, ImmutableList.of(-1.0)))).isEqualTo(2);
    }
}
