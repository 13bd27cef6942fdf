package org.laco.cli.report;

import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import org.laco.cli.progress.StepText;
import org.laco.measure.Metrics;
import org.laco.measure.Score;
import org.laco.search.CollapseListener;
import org.laco.search.CollapseStep;

/** The steps of a search, a line each under a heading: while they are decided, or all of them afterwards, but not twice. */
public final class StepTable implements CollapseListener {
    private static final String SIMILARITY = "similarity";

    private final PrintWriter out;
    private boolean begun;
    /** Whether candidates are compared by something else, so that their similarity has a column of its own. */
    private boolean besideSimilarity;

    /**
     * Begins a table that is empty.
     *
     * @param out where it is printed
     */
    public StepTable(PrintWriter out) {
        this.out = out;
    }

    @Override
    public void decided(CollapseStep step, int layers) {
        if (!begun) {
            begun = true;
            String metric = step.score().map(Score::metric).orElse(SIMILARITY);
            besideSimilarity =
                    step.score().isPresent() && !metric.equals(Metrics.cosine().name());
            out.printf("   layers  %-10s  %10s%s%n", "rule", metric, besideSimilarity ? "  " + SIMILARITY : "");
        }
        out.printf(
                Locale.ROOT,
                "  %7s  %-10s  %10s%s  %s%n",
                StepText.layers(step),
                StepText.rule(step),
                StepText.score(step),
                besideSimilarity ? String.format("  %10s", StepText.similarity(step)) : "",
                StepText.outcome(step));
    }

    /** Prints the steps of a search that weren't shown while it went on, and ends the table. */
    void complete(List<CollapseStep> steps) {
        if (!begun) {
            steps.forEach(step -> decided(step, 0));
        }
        if (begun) {
            out.println();
        }
    }
}
