package org.laco.cli;

import java.util.concurrent.CountDownLatch;

/**
 * Turns the signal that asks a process to end into an interruption of the thread at work, and lets the process live until that
 * thread has cleaned up.
 *
 * <p>The virtual machine itself then exits with 130 for SIGINT and 143 for SIGTERM.
 */
final class Interruption implements AutoCloseable {
    private final CountDownLatch done = new CountDownLatch(1);
    private final Thread hook;

    private Interruption(Thread worker) {
        this.hook = new Thread(() -> interrupt(worker), "laco-interruption");
    }

    static Interruption ofCurrentThread() {
        Interruption interruption = new Interruption(Thread.currentThread());
        Runtime.getRuntime().addShutdownHook(interruption.hook);
        return interruption;
    }

    private void interrupt(Thread worker) {
        if (done.getCount() > 0) {
            worker.interrupt();
            try {
                done.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Ends the process, by this code unless a signal has ended it already. */
    void exit(int code) {
        done.countDown();
        System.exit(code);
    }

    @Override
    public void close() {
        done.countDown();
    }
}
