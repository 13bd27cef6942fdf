package org.laco.cli.report;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.util.Locale;
import org.laco.cli.option.ReportOptions;
import org.laco.measure.Accuracy;
import org.laco.measure.MultipleChoice;
import org.laco.measure.Perplexity;

/** Prints what a collapse did and how good the model was before and is after it. */
public final class DemoReport {
    private final CollapseReport collapse;
    private final Quality before;
    private final Quality after;

    /**
     * Collects what there is to tell.
     *
     * @param collapse the report of the collapse
     * @param before the original's quality
     * @param after the result's quality
     */
    public DemoReport(CollapseReport collapse, Quality before, Quality after) {
        this.collapse = collapse;
        this.before = before;
        this.after = after;
    }

    /**
     * Prints the report.
     *
     * @param options where it goes
     */
    public void print(ReportOptions options) {
        PrintWriter out = options.people();
        collapse.printTable(out);
        out.println();
        out.printf("%-22s %10s %10s%n", "quality", "before", "after");
        row(out, "perplexity, held out", "%.3f", perplexity(before), perplexity(after));
        rows(out, "multiple choice", accuracy(before), accuracy(after));
        rows(out, "  acc_norm", accNorm(before), accNorm(after));
        out.flush();
        if (options.json()) {
            ObjectNode node = collapse.json();
            before.encode(node.putObject("before"));
            after.encode(node.putObject("after"));
            options.program().println(node.toPrettyString());
        }
    }

    private static double perplexity(Quality quality) {
        return quality.perplexity().map(Perplexity::perplexity).orElseThrow();
    }

    private static Accuracy accuracy(Quality quality) {
        return quality.choices().map(MultipleChoice::accuracy).orElseThrow();
    }

    private static Accuracy accNorm(Quality quality) {
        return quality.choices().flatMap(MultipleChoice::accNorm).orElseThrow();
    }

    private static void rows(PrintWriter out, String name, Accuracy before, Accuracy after) {
        row(out, name, "%.1f %%", 100 * before.value(), 100 * after.value());
        row(out, "    standard error", "%.1f", 100 * before.standardError(), 100 * after.standardError());
    }

    private static void row(PrintWriter out, String name, String form, double before, double after) {
        out.printf(
                "%-22s %10s %10s%n",
                name, String.format(Locale.ROOT, form, before), String.format(Locale.ROOT, form, after));
    }
}
