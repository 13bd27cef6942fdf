package org.laco.sweep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.collect.ImmutableMap;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.laco.examples.EmbeddedModel;
import org.laco.fit.Fit;
import org.laco.io.CalibrationFile;
import org.laco.io.HfCheckpoint;
import org.laco.search.CollapseListener;
import org.laco.search.Searches;
import org.laco.stack.Calibration;

class SweepTest {
    private static final ImmutableMap<String, String> SETTINGS = ImmutableMap.of("calibration", "calibration.txt");

    @TempDir
    private Path directory;

    private final List<String> told = new ArrayList<>();
    private HfCheckpoint checkpoint;
    private SweepInputs inputs;
    private Path output;

    @BeforeEach
    void open() throws Exception {
        EmbeddedModel embedded = EmbeddedModel.extractTo(directory);
        checkpoint = HfCheckpoint.open(embedded.model());
        output = directory.resolve("sweep");
        Calibration calibration = CalibrationFile.read(embedded.calibration(), checkpoint);
        inputs = new SweepInputs(
                checkpoint,
                calibration,
                Fit.ridge(1).tokensPerInput(2).calibration(calibration),
                List.of(new SweepText("two, lines", List.of(calibration.tokens(0), calibration.tokens(1)))),
                Optional.empty(),
                List.of("Once <"));
    }

    @AfterEach
    void close() {
        checkpoint.close();
    }

    private List<SweepPoint> run(Map<String, String> settings, List<Integer> targets) throws IOException {
        told.clear();
        return run(settings, CollapseListener.NONE, List.of("last", "last+refit"), targets);
    }

    private List<SweepPoint> run(
            Map<String, String> settings, CollapseListener listener, List<String> methods, List<Integer> targets)
            throws IOException {
        try (Sweep sweep = Sweep.open(inputs, output, settings, listener, told::add)) {
            List<SweepPoint> points =
                    sweep.run(methods.stream().map(SweepMethod::named).toList(), targets);
            sweep.complete();
            return points;
        }
    }

    @Test
    void goesOnWhereItWasStopped() throws Exception {
        List<SweepPoint> first = run(SETTINGS, List.of(11));
        List<SweepPoint> both = run(SETTINGS, List.of(11, 10));

        assertThat(first).extracting(SweepPoint::method).containsExactly("original", "last", "last+refit");
        assertThat(both.subList(0, 3)).isEqualTo(first);
        assertThat(told).containsExactly("last to 10 layers", "last+refit to 10 layers");
        assertThat(both).extracting(SweepPoint::layers).containsExactly(12, 11, 11, 10, 10);
    }

    @Test
    void findsTheSmallestFirstAndMeasuresNoRunTwice() throws Exception {
        List<Integer> candidates = new ArrayList<>();
        CollapseListener count = new CollapseListener() {
            @Override
            public void started(int layers) {
                candidates.add(0);
            }

            @Override
            public void layerRun(int layer, int together) {
                candidates.set(candidates.size() - 1, candidates.get(candidates.size() - 1) + together);
            }
        };

        List<SweepPoint> points = run(SETTINGS, count, List.of("runs"), List.of(11, 10, 9));

        assertThat(told)
                .containsExactly(
                        "measuring the original", "runs to 9 layers", "runs to 10 layers", "runs to 11 layers");
        assertThat(points).extracting(SweepPoint::layers).containsExactly(12, 11, 10, 9);
        assertThat(candidates.get(1) + candidates.get(2))
                .as("three finalists and the result, of at most 11 layers each")
                .isLessThanOrEqualTo(4 * 10 + 4 * 11)
                .isLessThan(candidates.get(0) / 2);
    }

    @Test
    void addsARefitToTheSearchesThatItsHelpNames() {
        assertThat(Searches.all().keySet())
                .filteredOn(name -> SweepMethod.named(name).isOwn())
                .containsExactly("runs", "greedy");
        assertThat(SweepMethod.named("runs+refit").isOwn()).isFalse();
    }

    @Test
    void refusesADirectoryOfOtherSettings() throws Exception {
        run(SETTINGS, List.of());

        assertThatThrownBy(() -> run(ImmutableMap.of("calibration", "other.txt"), List.of()))
                .isInstanceOf(IOException.class)
                .hasMessage(output
                        + " holds a sweep with calibration calibration.txt, not other.txt: give another directory");
    }

    @Test
    void writesTablesPlotsAndOnePageThatNeedsNothingElse() throws Exception {
        SweepReport.write(output, SETTINGS, run(SETTINGS, List.of(11)));

        assertThat(Files.readString(output.resolve("sweep.csv")))
                .startsWith(
                        "method,layers,parameters,removed,similarity,\"perplexity:two, lines\",\"perplexityRatio:two,"
                                + " lines\",accuracy,accuracyKept,")
                .contains("\r\nlast,11,");
        assertThat(output.resolve("perplexity-two__lines.png")).isNotEmptyFile();
        assertThat(output.resolve("similarity.png")).isNotEmptyFile();
        assertThat(output.resolve("sweep.json")).content().contains("\"method\" : \"last\"");
        assertThat(Files.readString(output.resolve("sweep.html")))
                .contains("data:image/png;base64,", "<h2>Once &lt;</h2>", "<span class=\"merged\">10+11</span>")
                .doesNotContain("src=\"http", "href=");
    }
}
