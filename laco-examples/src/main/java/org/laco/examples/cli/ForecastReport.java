package org.laco.examples.cli;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.util.Locale;
import org.laco.search.Forecast;

/** Tells what a search would cost, as a table or as JSON. */
final class ForecastReport {
    private final Forecast forecast;
    private final LayerTiming timing;

    ForecastReport(Forecast forecast, LayerTiming timing) {
        this.forecast = forecast;
        this.timing = timing;
    }

    void print(ReportOptions options) {
        printTable(options.people());
        if (options.json()) {
            options.program().println(json().toPrettyString());
        }
    }

    private ObjectNode json() {
        ObjectNode node = JsonMapper.builder().build().createObjectNode();
        node.putObject("forecast")
                .put("candidates", forecast.candidates())
                .put("waves", forecast.waves())
                .put("largestWave", forecast.largestWave())
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
        line(out, "waves", forecast.waves() + ", the largest of " + forecast.largestWave() + " candidates");
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
