package org.laco.kernel;

import java.util.function.IntConsumer;
import java.util.stream.IntStream;

/** Divides rows among threads in chunks that stay in a core's cache, and lends each chunk arrays to compute in. */
final class RowChunks {
    private final boolean parallel;
    private final HostScratch scratch;

    RowChunks(boolean parallel, HostScratch scratch) {
        this.parallel = parallel;
        this.scratch = scratch;
    }

    /** Returns the division for operations that are each computed in the thread that asks for them, with the same arrays. */
    RowChunks sequential() {
        return new RowChunks(false, scratch);
    }

    boolean isParallel() {
        return parallel;
    }

    /** What is done with the rows {@code [from, to)}. */
    interface Body {
        void run(int from, int to);
    }

    /** Runs a body on all rows, in several threads if it may and there are enough of them. */
    void forEach(int rows, int width, Body body) {
        int chunkRows = Math.max(1, HostScratch.ELEMENTS / width);
        int chunks = (rows + chunkRows - 1) / chunkRows;
        each(chunks, chunk -> body.run(chunk * chunkRows, Math.min(rows, (chunk + 1) * chunkRows)));
    }

    /** Runs tasks that have nothing to do with one another. */
    void each(int tasks, IntConsumer task) {
        IntStream all = IntStream.range(0, tasks);
        (parallel && tasks > 1 ? all.parallel() : all).forEach(task);
    }

    /** Lends an array of at least some length and any content. */
    float[] take(int length) {
        return scratch.take(length);
    }

    /** Takes an array back. */
    void give(float[] array) {
        scratch.give(array);
    }
}
