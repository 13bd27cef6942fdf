package org.laco.cli.report;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import org.laco.cli.option.ReportOptions;
import org.laco.io.WrittenCheckpoint;

/**
 * Tells what came of healing a collapsed checkpoint.
 *
 * @param training what the training did
 * @param record the record of the result, or of the training alone if there is no result
 * @param base the model that the result is recorded as made of, with which it is verified
 * @param written the checkpoint that was written, if one was
 * @param adapters the adapters that were written, if they were
 * @param open how long it took to read everything
 */
public record HealReport(
        TrainingReport training,
        ObjectNode record,
        Path base,
        Optional<WrittenCheckpoint> written,
        Optional<Path> adapters,
        Duration open) {
    /**
     * Prints the report.
     *
     * @param options where it goes
     */
    public void print(ReportOptions options) {
        PrintWriter out = options.people();
        training.print(out);
        if (record.path("similarity").isNumber()) {
            line(
                    out,
                    "similarity",
                    String.format(
                            Locale.ROOT,
                            "cosine %.6f to %s",
                            record.get("similarity").doubleValue(),
                            base));
        }
        written.ifPresent(checkpoint -> line(
                out,
                "written",
                checkpoint.directory() + ", reopened and measured again; checked by: laco verify "
                        + checkpoint.directory() + " --source " + base));
        adapters.ifPresent(directory -> line(out, "adapters", directory.toString()));
        line(
                out,
                "time",
                "open " + Quantity.seconds(open) + ", train " + Quantity.seconds(training.time())
                        + written.map(checkpoint -> ", write " + Quantity.seconds(checkpoint.writing()) + ", verify "
                                        + Quantity.seconds(checkpoint.verifying()))
                                .orElse(""));
        PeakMemory.bytes().ifPresent(bytes -> line(out, "peak memory", Quantity.bytes(bytes)));
        out.flush();
        if (options.json()) {
            options.program().println(json().toPrettyString());
        }
    }

    private ObjectNode json() {
        ObjectNode node = record.deepCopy();
        written.ifPresentOrElse(
                checkpoint -> node.put("written", checkpoint.directory().toString()), () -> node.putNull("written"));
        adapters.ifPresent(directory -> node.put("adapters", directory.toString()));
        node.putObject("seconds")
                .put("open", seconds(open))
                .put("train", seconds(training.time()))
                .put("write", seconds(written.map(WrittenCheckpoint::writing).orElse(Duration.ZERO)))
                .put("verify", seconds(written.map(WrittenCheckpoint::verifying).orElse(Duration.ZERO)));
        training.encode(node);
        PeakMemory.bytes().ifPresent(bytes -> node.put("peakMemoryBytes", bytes));
        return node;
    }

    private static double seconds(Duration duration) {
        return duration.toMillis() / 1000.0;
    }

    private static void line(PrintWriter out, String name, String value) {
        out.printf("%-12s %s%n", name, value);
    }
}
