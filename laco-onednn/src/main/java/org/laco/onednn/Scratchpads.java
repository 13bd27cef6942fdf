package org.laco.onednn;

import java.util.ArrayDeque;
import java.util.Deque;

/** Keeps scratchpads for use again, as many as threads used one at the same time. */
final class Scratchpads implements AutoCloseable {
    private final Deque<Scratchpad> idle = new ArrayDeque<>();
    private int live;
    private boolean closed;

    /** Takes a scratchpad that nobody else uses until it is given back. */
    synchronized Scratchpad take() {
        Scratchpad kept = idle.poll();
        if (kept != null) {
            return kept;
        }
        live++;
        return new Scratchpad();
    }

    /** Gives a scratchpad back, which is closed if these are. */
    synchronized void give(Scratchpad scratchpad) {
        if (closed) {
            close(scratchpad);
        } else {
            idle.push(scratchpad);
        }
    }

    private void close(Scratchpad scratchpad) {
        scratchpad.close();
        live--;
    }

    /** Returns how many there are, idle and lent. */
    synchronized int live() {
        return live;
    }

    @Override
    public synchronized void close() {
        closed = true;
        idle.forEach(this::close);
        idle.clear();
    }
}
