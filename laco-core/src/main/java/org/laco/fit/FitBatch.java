package org.laco.fit;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.laco.stack.Calibration;
import org.laco.tensor.SequenceLayout;

/**
 * Some of the calibration's sequences, run together.
 *
 * @param input the sequences
 * @param fitted whether fits are made to them
 * @param measured whether the error of fits is measured on them
 */
record FitBatch(Calibration input, boolean fitted, boolean measured) {
    static final int MEASURED_EVERY = 8;
    /** Enough to choose between fits, whatever the number of tokens that they are made to. */
    private static final int MEASURED_ROWS = 2048;

    /**
     * Divides the sequences that fits are made to into batches. Every eighth is measured until enough are, of fewer than eight the last
     * one, and held out of fits that are judged.
     */
    static ImmutableList<FitBatch> divide(Calibration all, Fit how) {
        int count = all.layout().count();
        List<Integer> fitted = new ArrayList<>();
        List<Integer> measured = new ArrayList<>();
        int every = Math.min(MEASURED_EVERY, count);
        int measuredRows = 0;
        for (int i = 0; i < count; i++) {
            if (i % every == every - 1 && measuredRows < MEASURED_ROWS) {
                measured.add(i);
                measuredRows += all.layout().length(i);
            } else {
                fitted.add(i);
            }
        }
        return ImmutableList.<FitBatch>builder()
                .addAll(divide(all, fitted, how.batchRows(), true, false))
                .addAll(divide(all, measured, how.batchRows(), !how.method().isJudged(), true))
                .build();
    }

    /** Divides all sequences, none held out. */
    static ImmutableList<FitBatch> all(Calibration all, int maxRows) {
        return ImmutableList.copyOf(
                divide(all, IntStream.range(0, all.layout().count()).boxed().toList(), maxRows, true, true));
    }

    private static List<FitBatch> divide(
            Calibration all, List<Integer> members, int maxRows, boolean fitted, boolean measured) {
        List<FitBatch> batches = new ArrayList<>();
        List<Integer> batch = new ArrayList<>();
        int rows = 0;
        for (int member : members) {
            int length = all.layout().length(member);
            if (!batch.isEmpty() && rows + length > maxRows) {
                batches.add(new FitBatch(all.sequences(batch), fitted, measured));
                batch.clear();
                rows = 0;
            }
            batch.add(member);
            rows += length;
        }
        if (!batch.isEmpty()) {
            batches.add(new FitBatch(all.sequences(batch), fitted, measured));
        }
        return batches;
    }

    /** Returns whether the sequences only judge fits. */
    boolean heldOut() {
        return measured && !fitted;
    }

    SequenceLayout layout() {
        return input.layout();
    }
}
