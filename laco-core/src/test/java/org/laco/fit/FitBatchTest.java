package org.laco.fit;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableList;
import java.util.Collections;
import org.junit.jupiter.api.Test;
import org.laco.stack.Calibration;

class FitBatchTest {
    private static long rows(ImmutableList<FitBatch> batches, boolean heldOut) {
        return batches.stream()
                .filter(batch -> batch.heldOut() == heldOut)
                .mapToLong(batch -> batch.layout().rows())
                .sum();
    }

    private static ImmutableList<FitBatch> divide(int sequences) {
        return FitBatch.divide(
                Calibration.ofTokens(Collections.nCopies(sequences, new int[128])),
                Fit.ridge().batchRows(1000));
    }

    @Test
    void holdsOutEveryEighthSequence() {
        assertThat(rows(divide(96), true)).isEqualTo(12 * 128);
        assertThat(rows(divide(96), false)).isEqualTo(84 * 128);
        assertThat(rows(divide(3), true)).isEqualTo(128);
    }

    @Test
    void holdsOutNoMoreThanAreOfUse() {
        assertThat(rows(divide(512), true)).isEqualTo(2048);
        assertThat(rows(divide(512), false)).isEqualTo(496 * 128);
    }

    @Test
    void holdsNothingOutOfAFitThatIsNotJudged() {
        ImmutableList<FitBatch> batches = FitBatch.divide(
                Calibration.ofTokens(Collections.nCopies(20, new int[128])),
                Fit.replaceMe(0).batchRows(1000));

        assertThat(batches).allMatch(FitBatch::fitted);
        assertThat(batches.stream().mapToLong(batch -> batch.layout().rows()).sum())
                .isEqualTo(20 * 128);
        assertThat(batches.stream()
                        .filter(FitBatch::measured)
                        .mapToLong(batch -> batch.layout().rows())
                        .sum())
                .isEqualTo(2 * 128);
    }

    @Test
    void fillsBatchesWithWholeSequences() {
        assertThat(divide(96))
                .allSatisfy(batch -> assertThat(batch.layout().rows()).isLessThanOrEqualTo(7 * 128));
    }
}
