package org.laco.measure;

/** Counts work done, in rows that went through a layer or the head. */
final class Progress {
    private final ProgressListener listener;
    private final double total;
    private double done;

    Progress(ProgressListener listener, double total) {
        this.listener = listener;
        this.total = total;
    }

    void advance(double work) {
        done += work;
        listener.progressed(Math.min(1, done / total));
    }
}
