package org.laco.depth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DepthPlotTest {
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
        plot.draw(directory.resolve("depth.png"));

        assertThat(printed.toString(StandardCharsets.UTF_8))
                .contains("| waves | 8 | 2 | 64 | 70 MB | 0.50 s |", "| waves | 64 | 2 | 4,096 | 70 MB | 1.25 s |");
        BufferedImage image = ImageIO.read(directory.resolve("depth.png").toFile());
        assertThat(image.getWidth()).isEqualTo(3 * 520);
    }

    @Test
    void saysWhichFilesItExpected() {
        assertThatThrownBy(() -> DepthPlot.read(directory))
                .isInstanceOf(IOException.class)
                .hasMessage(directory + " holds no file SERIES-LAYERS-RUN.json");
    }
}
