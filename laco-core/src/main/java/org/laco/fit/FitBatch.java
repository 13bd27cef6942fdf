package org.laco.fit;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.List;
import org.laco.stack.Calibration;
import org.laco.tensor.SequenceLayout;

/**
 * Some of the calibration's sequences, run together.
 *
 * @param input the sequences
 * @param heldOut whether they only judge the fit
 */
record FitBatch(Calibration input, boolean heldOut) {
    static final int HELD_OUT_EVERY = 8;
    /** Enough to choose between fits, whatever the number of tokens that they are made to. */
    private static final int HELD_OUT_ROWS = 2048;

    /**
     * Divides sequences into batches of at most so many rows. Every eighth sequence is held out until enough are, of fewer than eight the
     * last one.
     */
    static ImmutableList<FitBatch> divide(Calibration all, int maxRows) {
        int count = all.layout().count();
        List<Integer> fitted = new ArrayList<>();
        List<Integer> heldOut = new ArrayList<>();
        int every = Math.min(HELD_OUT_EVERY, count);
        int heldOutRows = 0;
        for (int i = 0; i < count; i++) {
            if (i % every == every - 1 && heldOutRows < HELD_OUT_ROWS) {
                heldOut.add(i);
                heldOutRows += all.layout().length(i);
            } else {
                fitted.add(i);
            }
        }
        return ImmutableList.<FitBatch>builder()
                .addAll(divide(all, fitted, maxRows, false))
                .addAll(divide(all, heldOut, maxRows, true))
                .build();
    }

    private static List<FitBatch> divide(Calibration all, List<Integer> members, int maxRows, boolean heldOut) {
        List<FitBatch> batches = new ArrayList<>();
        List<Integer> batch = new ArrayList<>();
        int rows = 0;
        for (int member : members) {
            int length = all.layout().length(member);
            if (!batch.isEmpty() && rows + length > maxRows) {
                batches.add(new FitBatch(all.sequences(batch), heldOut));
                batch.clear();
                rows = 0;
            }
            batch.add(member);
            rows += length;
        }
        batches.add(new FitBatch(all.sequences(batch), heldOut));
        return batches;
    }

    SequenceLayout layout() {
        return input.layout();
    }
}
