package org.laco.cli.report;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.util.Locale;
import org.laco.cli.option.ReportOptions;
import org.laco.model.CausalModel;
import org.laco.search.CostEstimate;
import org.laco.stack.Calibration;

/** Tells what a search would cost, as a table or as JSON. */
public final class ForecastReport {
    private final CostEstimate forecast;
    private final LayerTiming timing;

    private ForecastReport(CostEstimate forecast, LayerTiming timing) {
        this.forecast = forecast;
        this.timing = timing;
    }

    /**
     * Measures how long one layer takes, from which the time of a search follows.
     *
     * @param forecast what the search would cost
     * @param model the model to be searched
     * @param calibration the sequences on which candidates are compared
     * @return the report
     */
    public static ForecastReport of(CostEstimate forecast, CausalModel model, Calibration calibration) {
        return new ForecastReport(forecast, LayerTiming.of(model, calibration, forecast));
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
                .put("candidates", forecast.candidates())
                .put("waves", forecast.batches())
                .put("largestWave", forecast.largestBatch())
                .put("layerRuns", forecast.layerRuns())
                .put("bytesRead", forecast.bytesRead())
                .put("operations", forecast.operations())
                .put("peakBytes", forecast.peakBytes())
                .put("seconds", timing.of(forecast).toMillis() / 1000.0);
        return node;
    }

    private void printTable(PrintWriter out) {
        out.println("If no candidate is accepted, the search takes:");
        line(out, "candidates", Quantity.count(forecast.candidates()));
        line(out, "waves", forecast.batches() + ", the largest of " + forecast.largestBatch() + " candidates");
        line(out, "layer runs", Quantity.count(forecast.layerRuns()));
        line(out, "bytes read", Quantity.bytes(forecast.bytesRead()) + ", each layer once a wave");
        line(out, "operations", String.format(Locale.ROOT, "%.3g", forecast.operations()));
        line(out, "peak memory", Quantity.bytes(forecast.peakBytes()) + ", mapped files not counted");
        line(
                out,
                "time",
                Quantity.seconds(timing.of(forecast)) + ", from one layer: read in "
                        + Quantity.seconds(timing.read()) + ", "
                        + (forecast.bytesMerged() > 0
                                ? "merged with another in " + Quantity.seconds(timing.merge()) + ", "
                                : "")
                        + timing.rows() + " rows computed in " + Quantity.seconds(timing.compute()));
        out.flush();
    }

    private static void line(PrintWriter out, String name, String value) {
        out.printf("%-12s %s%n", name, value);
    }
}
