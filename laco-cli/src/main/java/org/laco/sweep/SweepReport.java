package org.laco.sweep;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.laco.output.OutputDirectory;

/** Writes the results of a sweep beside its points. */
public final class SweepReport {
    private SweepReport() {}

    /**
     * Writes {@code sweep.csv}, {@code sweep.json}, the plots as SVG, and {@code sweep.html} with everything in it. Beside each point
     * stands how much of the original's accuracy it has kept, and the ratio of its perplexity to the original's; those that can't be
     * written, since they need an added matrix, are marked.
     *
     * @param directory the sweep's directory
     * @param settings what the sweep was told, shown on the page
     * @param points the points, the original first
     * @throws IOException if a file can't be written
     */
    public static void write(Path directory, Map<String, String> settings, List<SweepPoint> points) throws IOException {
        OutputDirectory.write(directory.resolve("sweep.csv"), utf8(new SweepTable(points).csv()));
        SweepStore.open(directory, settings).write(directory.resolve("sweep.json"), withKeptScores(points));
        SweepPlots plots = new SweepPlots(points);
        for (SweepQuantity quantity : SweepQuantity.of(points)) {
            OutputDirectory.write(
                    directory.resolve(quantity.fileName() + ".svg"),
                    utf8(plots.plot(quantity).file()));
        }
        OutputDirectory.write(directory.resolve("sweep.html"), utf8(new SweepPage(points, settings).html()));
    }

    private static List<ObjectNode> withKeptScores(List<SweepPoint> points) {
        JsonMapper mapper = new JsonMapper();
        return points.stream()
                .map(point -> {
                    ObjectNode node = mapper.valueToTree(point);
                    node.put("writable", point.canBeWritten());
                    node.set("kept", mapper.valueToTree(KeptScore.of(point, points)));
                    return node;
                })
                .toList();
    }

    /**
     * Returns the table for a terminal.
     *
     * @param points the points
     * @return the heads and the rows, a list of cells each
     */
    public static List<List<String>> table(List<SweepPoint> points) {
        SweepTable table = new SweepTable(points);
        List<List<String>> rows = new ArrayList<>();
        rows.add(table.heads());
        points.forEach(point -> rows.add(table.row(point)));
        return rows;
    }

    /**
     * Says what points took.
     *
     * @param points the points
     * @return a list of seconds, without what opening the model and writing files took
     */
    public static String times(List<SweepPoint> points) {
        return String.format(
                Locale.ROOT,
                "%.1f s of searching, %.1f s of training and %.1f s of measuring",
                points.stream().mapToDouble(SweepPoint::seconds).sum(),
                points.stream().mapToDouble(SweepPoint::trainingSeconds).sum(),
                points.stream().mapToDouble(SweepPoint::measuringSeconds).sum());
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
