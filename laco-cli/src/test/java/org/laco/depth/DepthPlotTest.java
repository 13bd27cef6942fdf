package org.laco.depth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.laco.page.Xml;
import org.w3c.dom.Document;
import org.w3c.dom.Element;

/** {@code -Dlaco.pictures.write=true} draws the pictures of the site anew. */
class DepthPlotTest {
    private static final Path SITE = Path.of("..", "src", "site");

    @TempDir
    private Path directory;

    private void run(String name, int layers, double seconds) throws IOException {
        Files.writeString(directory.resolve(name), """
                {"layersBefore": %d, "steps": [{}, {}], "seconds": {"search": %s},
                 "forecast": {"actualLayerRuns": %d, "actualBytesRead": 70000000}}
                """.formatted(layers, seconds, layers * layers));
    }

    @Test
    void sumsUpEqualRunsByTheirMedianInOrderOfDepth() throws IOException {
        run("few-at-once-16-1.json", 16, 2);
        run("few-at-once-16-2.json", 16, 9);
        run("few-at-once-16-3.json", 16, 3);
        run("few-at-once-8-1.json", 8, 1);
        run("few-at-once-8-2.json", 8, 2);

        assertThat(DepthPlot.read(directory).points())
                .containsExactly(
                        new DepthPoint("few-at-once", 8, 2, 64, 70_000_000, 1.5),
                        new DepthPoint("few-at-once", 16, 2, 256, 70_000_000, 3));
    }

    @Test
    void printsATableAndDrawsEachQuantity() throws IOException {
        run("waves-8-1.json", 8, 0.5);
        run("waves-64-1.json", 64, 1.25);
        DepthPlot plot = DepthPlot.read(directory);
        ByteArrayOutputStream printed = new ByteArrayOutputStream();

        plot.print(new PrintStream(printed, true, StandardCharsets.UTF_8));

        assertThat(printed.toString(StandardCharsets.UTF_8))
                .contains("| waves | 8 | 2 | 64 | 70 MB | 0.50 s |", "| waves | 64 | 2 | 4,096 | 70 MB | 1.25 s |");
        assertThat(plot.pictures()).hasSize(3);
        plot.pictures().values().forEach(picture -> assertThat(Xml.elements(Xml.parse(picture), "title"))
                .hasSize(2));
    }

    @Test
    void drawsAPowerOfTheDepthAsAStraightLine() throws IOException {
        run("waves-4-1.json", 4, 1);
        run("waves-16-1.json", 16, 1);
        run("waves-64-1.json", 64, 1);
        Document runs = Xml.parse(DepthPlot.read(directory).pictures().get("depth-runs.svg"));

        List<double[]> dots = Xml.elements(runs, "path").stream()
                .filter(path -> path.getAttribute("class").equals("dot") && path.hasAttribute("tabindex"))
                .map(DepthPlotTest::place)
                .toList();
        assertThat(dots).hasSize(3);
        assertThat(dots.get(1)[0]).isCloseTo((dots.get(0)[0] + dots.get(2)[0]) / 2, within(0.02));
        assertThat(dots.get(1)[1]).isCloseTo((dots.get(0)[1] + dots.get(2)[1]) / 2, within(0.02));
    }

    private static double[] place(Element dot) {
        String[] numbers =
                dot.getAttribute("transform").replaceAll("[^0-9. ]", "").split(" ");
        return new double[] {Double.parseDouble(numbers[0]), Double.parseDouble(numbers[1])};
    }

    @Test
    void drawsTheTableOfTheSite() throws IOException {
        DepthPlot plot = new DepthPlot(pointsOfTheSite());
        for (String name : List.of("depth-weights.svg", "depth-seconds.svg")) {
            Path picture = SITE.resolve("resources/images").resolve(name);
            if (Boolean.getBoolean("laco.pictures.write")) {
                Files.writeString(picture, plot.pictures().get(name));
            }
            assertThat(picture).hasContent(plot.pictures().get(name));
        }
    }

    /** The rows below the head that begins with layers and candidates. */
    private static List<DepthPoint> pointsOfTheSite() throws IOException {
        List<DepthPoint> points = new ArrayList<>();
        boolean inTable = false;
        for (String line : Files.readAllLines(SITE.resolve("markdown/benchmarks.md"))) {
            String[] cells = line.replaceAll("[,a-zA-Z ]", "").split("\\|");
            inTable = line.startsWith("| layers | candidates |") || inTable && line.startsWith("|");
            if (inTable && line.matches("\\| \\d.*")) {
                points.add(point("default", cells, 4));
                points.add(point("within a memory bound", cells, 5));
            }
        }
        assertThat(points).hasSize(10);
        return points;
    }

    private static DepthPoint point(String series, String[] cells, int weights) {
        return new DepthPoint(
                series,
                Integer.parseInt(cells[1]),
                Integer.parseInt(cells[2]),
                Long.parseLong(cells[3]),
                1_000_000 * Long.parseLong(cells[weights]),
                Double.parseDouble(cells[weights + 2]));
    }

    @Test
    void saysWhichFilesItExpected() {
        assertThatThrownBy(() -> DepthPlot.read(directory))
                .isInstanceOf(IOException.class)
                .hasMessage(directory + " holds no file SERIES-LAYERS-RUN.json");
    }
}
