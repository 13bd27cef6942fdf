package org.laco.measure;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

/**
 * How a measurement divides its work; no number depends on it beyond rounding.
 *
 * <p>Sequences of similar length are run together in batches. A layer's weights are loaded once for all batches whose hidden states
 * fit a bound, so a model larger than memory is read once as long as they do.
 *
 * @param batchRows how many rows, padding included, a batch of several sequences has at most
 * @param hiddenBytes how many bytes of hidden states are kept at most, unless one batch alone has more
 * @param listener who is told of the progress
 */
public record MeasureSettings(int batchRows, long hiddenBytes, ProgressListener listener) {
    private static final MeasureSettings DEFAULTS = new MeasureSettings(2048, 1L << 28, share -> {});

    /** Checks that the bounds are positive. */
    public MeasureSettings {
        checkArgument(batchRows > 0, "a batch needs at least 1 row, not %s", batchRows);
        checkArgument(hiddenBytes > 0, "hidden states need at least 1 byte, not %s", hiddenBytes);
        requireNonNull(listener, "listener");
    }

    /**
     * Returns the defaults: batches of 2048 rows, 256 MiB of hidden states, no listener.
     *
     * @return the settings
     */
    public static MeasureSettings defaults() {
        return DEFAULTS;
    }

    /**
     * Returns these settings with another batch size.
     *
     * @param rows how many rows a batch of several sequences has at most
     * @return the settings
     */
    public MeasureSettings withBatchRows(int rows) {
        return new MeasureSettings(rows, hiddenBytes, listener);
    }

    /**
     * Returns these settings with another bound of memory.
     *
     * @param bytes how many bytes of hidden states are kept at most
     * @return the settings
     */
    public MeasureSettings withHiddenBytes(long bytes) {
        return new MeasureSettings(batchRows, bytes, listener);
    }

    /**
     * Returns these settings with a listener.
     *
     * @param told who is told of the progress
     * @return the settings
     */
    public MeasureSettings withListener(ProgressListener told) {
        return new MeasureSettings(batchRows, hiddenBytes, told);
    }
}
