package org.laco.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.google.common.collect.ImmutableList;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.laco.plan.CollapsePlan;
import org.laco.stack.Calibration;

class BatchingTest {
    @ParameterizedTest
    @CsvSource({"1, 1", "4, 4", "9, 4"})
    void computesWhatIsLikelyToBeNeededWhereReadingCostsNothing(int likely, int ahead) {
        assertThat(Batching.of(4).ahead(likely)).isEqualTo(ahead);
    }

    @ParameterizedTest
    @CsvSource({"1, 3", "3, 3", "4, 8", "20, 8"})
    void computesWhatIsFreeWhereReadingTakesLonger(int likely, int ahead) {
        assertThat(new Batching(8, OptionalInt.of(3)).ahead(likely)).isEqualTo(ahead);
    }

    @Test
    void holdsAsManyMoreCandidatesAsTheyAreShorter() {
        Calibration whole = Calibration.ofTokens(new int[60], new int[40]);
        Calibration part = Calibration.ofTokens(new int[25]);

        assertThat(Batching.of(4).ofPart(whole, part)).isEqualTo(Batching.of(16));
    }

    @Test
    void refusesBatchesOfNothing() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Batching.of(0))
                .withMessage("a batch holds at least one candidate, not 0");
    }

    @Test
    void fitsOnlySpansOfWhichItKnowsTheLength() {
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        new FittedSpans.Start(3, ImmutableList.of(CollapsePlan.identity(6)), ImmutableList.of(1, 2)))
                .withMessage("the spans at layer 3 have 1 plans and 2 lengths");
    }
}
