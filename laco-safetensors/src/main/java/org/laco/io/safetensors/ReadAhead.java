package org.laco.io.safetensors;

import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Brings announced tensors into the page cache in one background thread, which ends when it has nothing to do.
 *
 * <p>Only so many bytes are read for an announcement, since what is read too early pushes out what is needed now. A new
 * announcement ends the one before.
 */
final class ReadAhead implements AutoCloseable {
    /** How much is read for an announcement, in bytes. */
    static final long DEFAULT_LIMIT = 1L << 30;

    private static final int STEP = 1 << 24;

    private final long limit;
    private final AtomicInteger announcement = new AtomicInteger();
    private final ThreadPoolExecutor thread;

    ReadAhead(long limit) {
        this.limit = limit;
        this.thread = new ThreadPoolExecutor(0, 1, 1, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
            Thread daemon = new Thread(task, "laco-read-ahead");
            daemon.setDaemon(true);
            return daemon;
        });
        thread.setRejectedExecutionHandler(new ThreadPoolExecutor.DiscardPolicy());
    }

    void announce(List<MappedTensor> tensors) {
        int current = announcement.incrementAndGet();
        thread.execute(() -> load(tensors, current));
    }

    private void load(List<MappedTensor> tensors, int current) {
        long left = limit;
        try {
            for (MappedTensor tensor : tensors) {
                for (long from = 0; from < tensor.byteLength() && left > 0; from += STEP) {
                    if (announcement.get() != current) {
                        return;
                    }
                    int length = (int) Math.min(Math.min(STEP, left), tensor.contiguous(from));
                    tensor.load(from, length);
                    left -= length;
                }
            }
        } catch (SafetensorsException | IllegalStateException | InternalError e) {
            // The file was cut or closed, which whoever reads the tensor is told.
            announcement.compareAndSet(current, current + 1);
        }
    }

    @Override
    public void close() {
        announcement.incrementAndGet();
        thread.shutdown();
    }
}
