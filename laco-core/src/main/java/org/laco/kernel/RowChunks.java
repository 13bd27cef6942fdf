package org.laco.kernel;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;

/** Divides rows among threads in chunks that stay in a core's cache, and lends each chunk arrays to compute in. */
final class RowChunks {
    /** Elements of a chunk: two or three arrays of them fit the second-level cache. */
    private static final int ELEMENTS = 1 << 13;

    private final boolean parallel;
    private final Queue<float[]> scratch = new ConcurrentLinkedQueue<>();

    RowChunks(boolean parallel) {
        this.parallel = parallel;
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
        int chunkRows = Math.max(1, ELEMENTS / width);
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
        float[] kept = scratch.poll();
        return kept != null && kept.length >= length ? kept : new float[Math.max(length, ELEMENTS)];
    }

    /** Takes an array back. */
    void give(float[] array) {
        scratch.add(array);
    }
}
