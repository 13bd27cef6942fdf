package org.laco.io;

import java.util.function.LongConsumer;
import org.laco.measure.ProgressListener;

/** Tells what share of some bytes is done, from those of each part. */
final class ByteProgress implements LongConsumer {
    private final ProgressListener listener;
    private final double all;
    private long done;

    ByteProgress(ProgressListener listener, long all) {
        this.listener = listener;
        this.all = Math.max(1, all);
    }

    @Override
    public void accept(long bytes) {
        done += bytes;
        // A file may have grown since it was counted.
        listener.progressed(Math.min(1, done / all));
    }
}
