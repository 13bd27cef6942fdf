package org.laco.base;

import java.util.concurrent.CancellationException;

/**
 * How long work ends early: its thread is interrupted, and at the next layer, block or step it throws a {@link CancellationException}, whatever
 * the work is. The thread's interrupt status is cleared by that, as by the JDK's methods that throw {@link InterruptedException}.
 */
@Internal
public final class Cancellation {
    private Cancellation() {}

    /**
     * Ends the work of this thread if it was interrupted.
     *
     * @throws CancellationException if it was
     */
    public static void stopIfInterrupted() {
        if (Thread.interrupted()) {
            throw new CancellationException("interrupted");
        }
    }

    /**
     * Returns what the work of this thread is to end with, after a channel of the JDK's has noticed the interruption.
     *
     * @param cause what the channel threw
     * @return what is to be thrown
     */
    public static CancellationException of(Exception cause) {
        Thread.interrupted();
        CancellationException cancelled = new CancellationException("interrupted");
        cancelled.initCause(cause);
        return cancelled;
    }
}
