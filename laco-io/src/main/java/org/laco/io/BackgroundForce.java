package org.laco.io;

import com.google.common.util.concurrent.Uninterruptibles;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Forces what was written to disk in a thread of its own, while the writer does something else. */
final class BackgroundForce implements AutoCloseable {
    /** What forces everything that was written before it is called. */
    @FunctionalInterface
    interface Force {
        void force() throws IOException;
    }

    private final Force force;
    private final ExecutorService thread = Executors.newSingleThreadExecutor(task -> {
        Thread made = new Thread(task, "laco-journal");
        // What is left to force is no reason to keep a process from ending.
        made.setDaemon(true);
        return made;
    });
    private Future<?> last = CompletableFuture.completedFuture(null);

    BackgroundForce(Force force) {
        this.force = force;
    }

    /** Begins to force what was written up to now. */
    void begin() {
        last = thread.submit(() -> {
            force.force();
            return null;
        });
    }

    /**
     * Waits until what was begun is done, even in a thread that is interrupted: nothing could be done sooner.
     *
     * @throws IOException if it failed, and whenever this is called after that, since what was lost stays lost
     */
    void await() throws IOException {
        try {
            Uninterruptibles.getUninterruptibly(last);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException
                    ? new IOException(e.getCause().getMessage(), e)
                    : new IOException(e.getCause());
        }
    }

    /** Waits, and ends the thread. */
    @Override
    public void close() throws IOException {
        try {
            await();
        } finally {
            thread.shutdown();
        }
    }
}
