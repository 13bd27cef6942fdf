package org.laco.cli.report;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.util.Locale;
import org.laco.cli.option.ReportOptions;
import org.laco.model.CausalModel;
import org.laco.search.CostEstimate;
import org.laco.stack.Calibration;

/** Prints what a search would cost, as a table or as JSON. */
public final class CostEstimateReport {
    private final CostEstimate estimate;
    private final LayerTiming timing;

    private CostEstimateReport(CostEstimate estimate, LayerTiming timing) {
        this.estimate = estimate;
        this.timing = timing;
    }

    /**
     * Measures how long one layer takes, from which the time of a search follows.
     *
     * @param estimate what the search would cost
     * @param model the model to be searched
     * @param calibration the sequences on which candidates are compared
     * @return the report
     */
    public static CostEstimateReport of(CostEstimate estimate, CausalModel model, Calibration calibration) {
        return new CostEstimateReport(estimate, LayerTiming.of(model, calibration, estimate));
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

    private ObjectNode json() {
        ObjectNode node = JsonMapper.builder().build().createObjectNode();
        node.putObject("forecast")
                .put("candidates", estimate.candidates())
                .put("waves", estimate.batches())
                .put("largestWave", estimate.largestBatch())
                .put("layerRuns", estimate.layerRuns())
                .put("bytesRead", estimate.bytesRead())
                .put("operations", estimate.operations())
                .put("peakBytes", estimate.peakBytes())
                .put("seconds", timing.of(estimate).toMillis() / 1000.0);
        return node;
    }

    private void printTable(PrintWriter out) {
        out.println("If no candidate is accepted, the search takes:");
        line(out, "candidates", Quantity.count(estimate.candidates()));
        line(out, "waves", estimate.batches() + ", the largest of " + estimate.largestBatch() + " candidates");
        line(out, "layer runs", Quantity.count(estimate.layerRuns()));
        line(out, "bytes read", Quantity.bytes(estimate.bytesRead()) + ", each layer once a wave");
        line(out, "operations", String.format(Locale.ROOT, "%.3g", estimate.operations()));
        line(out, "peak memory", Quantity.bytes(estimate.peakBytes()) + ", mapped files not counted");
        line(
                out,
                "time",
                Quantity.seconds(timing.of(estimate)) + ", from one layer: read in "
                        + Quantity.seconds(timing.read()) + ", "
                        + (estimate.bytesMerged() > 0
                                ? "merged with another in " + Quantity.seconds(timing.merge()) + ", "
                                : "")
                        + timing.rows() + " rows computed in " + Quantity.seconds(timing.compute()));
        out.flush();
    }

    private static void line(PrintWriter out, String name, String value) {
        out.printf("%-12s %s%n", name, value);
    }
}
