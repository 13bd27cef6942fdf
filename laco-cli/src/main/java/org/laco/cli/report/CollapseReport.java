package org.laco.cli.report;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import org.laco.CollapseResult;
import org.laco.cli.option.ReportOptions;
import org.laco.cli.progress.CostCount;
import org.laco.io.CollapseRecord;
import org.laco.io.WrittenCheckpoint;
import org.laco.model.CausalModel;

/** Prints what a collapse did, as a table or as JSON. */
public final class CollapseReport {
    private final CollapseResult result;
    private final CollapseRecord record;
    private final Optional<WrittenCheckpoint> written;
    private final StepTable steps;
    private final StageTimes times;
    private final CostCount cost;
    private final Optional<TrainingReport> training;

    /**
     * Collects what there is to tell.
     *
     * @param result the result
     * @param record its record
     * @param written what was written, if anything was
     * @param steps the table of its steps, perhaps printed already
     * @param times how long it took
     * @param cost what the search cost
     * @param training what a training of the result did, if there was one
     */
    public CollapseReport(
            CollapseResult result,
            CollapseRecord record,
            Optional<WrittenCheckpoint> written,
            StepTable steps,
            StageTimes times,
            CostCount cost,
            Optional<TrainingReport> training) {
        this.result = result;
        this.record = record;
        this.written = written;
        this.steps = steps;
        this.times = times;
        this.cost = cost;
        this.training = training;
    }

    /**
     * Prints the report.
     *
     * @param options where it goes
     */
    public void print(ReportOptions options) {
        printTable(options.people());
        if (options.json()) {
            options.program().println(json().toPrettyString());
        }
    }

    /** Encodes the record of the collapse with what it cost. */
    ObjectNode json() {
        ObjectNode node = record.toJson();
        node.putObject("seconds")
                .put("open", seconds(times.open()))
                .put("search", seconds(times.search()))
                .put("write", seconds(times.write()))
                .put("verify", seconds(times.verify()));
        cost.estimate().ifPresent(estimate -> node.putObject("forecast")
                .put("layerRuns", estimate.layerRuns())
                .put("actualLayerRuns", cost.layerRuns())
                .put("bytesRead", estimate.bytesRead())
                .put("actualBytesRead", cost.bytesRead())
                .put("peakBytes", estimate.peakBytes()));
        cost.refit().ifPresent(refit -> node.putObject("refitCost")
                .put("seconds", seconds(refit.time()))
                .put("solutions", refit.solutions())
                .put("tokens", refit.tokens())
                .put("bytes", refit.bytes()));
        training.ifPresent(how -> how.encode(node));
        PeakMemory.bytes().ifPresent(bytes -> node.put("peakMemoryBytes", bytes));
        return node;
    }

    private static double seconds(Duration duration) {
        return duration.toMillis() / 1000.0;
    }

    /** Prints every step and a summary. */
    void printTable(PrintWriter out) {
        steps.complete(result.steps());
        printSummary(out);
        if (result.layersRemoved() == 0) {
            out.println("No candidate was similar enough: the result has all layers of the original.");
        }
        out.flush();
    }

    private void printSummary(PrintWriter out) {
        int before = result.plan().originalSize();
        int after = result.plan().size();
        line(out, "layers", before + " -> " + after + " (" + Quantity.change(before, after) + ")");
        if (result.original() instanceof CausalModel original && result.model() instanceof CausalModel model) {
            line(
                    out,
                    "parameters",
                    Quantity.count(original.parameterCount()) + " -> " + Quantity.count(model.parameterCount()) + " ("
                            + Quantity.change(original.parameterCount(), model.parameterCount()) + ")");
        }
        line(out, "sources", result.plan().sources().toString());
        line(
                out,
                "similarity",
                String.format(
                        Locale.ROOT,
                        "%s %.6f on %d calibration sequences",
                        result.evaluation().similarity().metric(),
                        result.similarity(),
                        result.calibration().layout().count()));
        if (!result.objective().metric().equals(result.evaluation().similarity().metric())) {
            line(
                    out,
                    "objective",
                    String.format(
                            Locale.ROOT,
                            "%s %.6f",
                            result.objective().metric(),
                            result.objective().value()));
        }
        training.ifPresent(how -> how.print(out));
        written.ifPresent(checkpoint -> line(out, "written", checkpoint.directory() + ", reopened and measured again"));
        line(
                out,
                "time",
                "open " + Quantity.seconds(times.open()) + ", search " + Quantity.seconds(times.search())
                        + (written.isEmpty()
                                ? ""
                                : ", write " + Quantity.seconds(times.write()) + ", verify "
                                        + Quantity.seconds(times.verify())));
        cost.estimate()
                .ifPresent(estimate -> line(
                        out,
                        "cost",
                        Quantity.count(cost.layerRuns()) + " layer runs, " + Quantity.bytes(cost.bytesRead())
                                + " read; predicted at most " + Quantity.count(estimate.layerRuns()) + " and "
                                + Quantity.bytes(estimate.bytesRead())));
        cost.refit()
                .ifPresent(refit -> line(
                        out,
                        "refit",
                        Quantity.count(refit.solutions()) + " fits to " + Quantity.count(refit.tokens()) + " tokens in "
                                + Quantity.seconds(refit.time()) + " of the search, arrays of at most "
                                + Quantity.bytes(refit.bytes())));
        if (result.original() instanceof CausalModel original) {
            line(
                    out,
                    "arithmetic",
                    original.arithmetic()
                            + (result.settings().parameters().containsKey("screen")
                                    ? ", candidates first in bfloat16"
                                    : ""));
        }
        PeakMemory.bytes().ifPresent(bytes -> line(out, "peak memory", Quantity.bytes(bytes)));
    }

    private static void line(PrintWriter out, String name, String value) {
        out.printf("%-12s %s%n", name, value);
    }
}
