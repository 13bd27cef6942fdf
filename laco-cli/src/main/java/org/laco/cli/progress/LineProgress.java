package org.laco.cli.progress;

import java.io.PrintWriter;
import org.laco.search.CollapseStep;

/** Writes one line for each decision, for logs. */
final class LineProgress implements Progress {
    private final PrintWriter out;

    LineProgress(PrintWriter out) {
        this.out = out;
    }

    @Override
    public void started(int layers) {
        out.println("running the original model's " + layers + " layers");
    }

    @Override
    public void decided(CollapseStep step, int layers) {
        out.println(StepText.sentence(step) + "; " + layers + " layers now");
    }

    @Override
    public void phase(String name) {
        out.println(name);
    }

    @Override
    public void share(double done) {}

    @Override
    public void note(String line) {
        out.println(line);
    }

    @Override
    public void close() {
        out.flush();
    }
}
