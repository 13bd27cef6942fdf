package org.laco.sweep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.google.common.collect.ImmutableMap;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
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
        try (Sweep sweep =
                Sweep.open(inputs, output, settings, Optional.empty(), Optional.empty(), listener, told::add)) {
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
        assertThat(told).element(0).isEqualTo("point 2 of 5: last to 10 layers");
        assertThat(told).element(1).asString().matches("point 4 of 5, .* left: last\\+refit to 10 layers");
        assertThat(told).hasSize(2);
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
                .extracting(line -> line.replaceFirst("point (\\d) of 4(, .* left)?: ", "$1 "))
                .containsExactly(
                        "1 measuring the original", "2 runs to 9 layers", "3 runs to 10 layers", "4 runs to 11 layers");
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

    /** Similarities and perplexities are those of model/patches.py in laco-examples, which has the formulas in float64. */
    @Test
    void measuresWhatAMatrixAtTheGapWouldGiveAndSaysThatItCanNotBeWritten() throws Exception {
        List<SweepMethod> methods = Stream.of("streamline", "streamline+linearpatch", "streamline+ghosted")
                .map(SweepMethod::named)
                .toList();
        List<SweepPoint> points = run(inputs, methods, List.of(8));

        SweepPoint dropped = points.get(1);
        SweepPoint scaled = points.get(2);
        SweepPoint solved = points.get(3);
        assertThat(points.subList(1, 4)).extracting(SweepPoint::sources).containsOnly(dropped.sources());
        assertThat(dropped.sources().get(3)).containsExactly(3, 4, 5, 6, 7);
        assertThat(points)
                .extracting(SweepPoint::addedMatrices)
                .containsExactly(List.of(), List.of(), List.of(3), List.of(3));
        assertThat(solved.parameters()).isEqualTo(dropped.parameters() + 128 * 128);
        assertThat(dropped.similarity()).isCloseTo(0.93131225, within(1e-5));
        assertThat(scaled.similarity()).isCloseTo(0.91223000, within(1e-5));
        assertThat(solved.similarity()).isCloseTo(0.95457259, within(1e-5));
        assertThat(dropped.perplexity().get("two, lines")).isCloseTo(4.118008, within(1e-4));
        assertThat(scaled.perplexity().get("two, lines")).isCloseTo(4.119547, within(1e-4));
        assertThat(solved.perplexity().get("two, lines")).isCloseTo(4.149215, within(1e-4));
        assertThat(solved.samples()).containsKey("Once <");
        assertThat(solved.measures().keySet()).isEqualTo(dropped.measures().keySet());

        SweepReport.write(output, SETTINGS, points);
        assertThat(SweepReport.table(points))
                .extracting(row -> row.get(3))
                .containsExactly(
                        "can be written", "yes", "yes", "no: needs an added matrix", "no: needs an added matrix");
        assertThat(Files.readString(output.resolve("sweep.csv")))
                .contains(",seconds,writable,addedMatrices,")
                .containsPattern("\nstreamline,8,.*,true,0,")
                .containsPattern("\nstreamline\\+ghosted,8,.*,false,1,");
        assertThat(output.resolve("sweep.json"))
                .content()
                .containsPattern("\"addedMatrices\" : \\[ 3 ],\\s*\"trainedTokens\" : 0,\\s*\"writable\" : false");
        assertThat(Files.readString(output.resolve("sweep.html")))
                .contains("<th scope=\"row\"><span class=\"stick\">streamline+ghosted</span></th>")
                .contains("<span class=\"merged\">3+4+5+6+7</span><span class=\"matrix\">matrix</span>")
                .contains("streamline+linearpatch, 8 layers, not writable: needs an added matrix")
                .contains("is a measuring stick");
        assertThat(run(inputs, methods, List.of(8)))
                .as("kept points are what was measured")
                .isEqualTo(points);
    }

    /** By model/patches.py; the weights that are divided are rounded to bfloat16. */
    @Test
    void foldsInWhatOfLinearPatchCanBeWritten() throws Exception {
        SweepPoint point = run(inputs, List.of(SweepMethod.named("streamline+linearpatch-folded")), List.of(8))
                .get(1);

        assertThat(point.similarity()).isCloseTo(0.91291792, within(3e-4));
        assertThat(point.perplexity().get("two, lines")).isCloseTo(4.107843, within(5e-3));
        assertThat(point.addedMatrices()).isEmpty();
        assertThat(point.refit()).containsExactly(4, 5, 6, 7);
    }

    @Test
    void goesOnWithoutAMatrixThatTooFewTokensDetermine() throws Exception {
        Calibration few = inputs.calibration().first(100);
        SweepInputs short100 = new SweepInputs(
                checkpoint,
                inputs.calibration(),
                inputs.refit().calibration(few),
                inputs.texts(),
                Optional.empty(),
                Optional.empty(),
                List.of());

        List<SweepPoint> points =
                run(short100, List.of(SweepMethod.named("last+ghosted"), SweepMethod.named("last")), List.of(11));

        assertThat(points).extracting(SweepPoint::method).containsExactly("original", "last");
        assertThat(told).anySatisfy(message -> assertThat(message)
                .startsWith("last+ghosted to 11 layers: ghosted needs at least 128 calibration tokens"));
    }

    @Test
    void addsNoMatrixForLayersThatAreMerged() {
        assertThatThrownBy(() -> SweepMethod.named("greedy+ghosted"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "greedy+ghosted: there are no gaps to patch, since greedy merges layers or fits what stands for them; there are with"
                                + " runs, shortgpt, angular, streamline, sleb, last");
        assertThat(SweepMethod.all())
                .contains("sleb", "streamline+linearpatch-folded", "streamline+linearpatch", "streamline+ghosted");
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
        assertThat(output.resolve("perplexity-two__lines.svg"))
                .content()
                .contains("xmlns=\"http://www.w3.org/2000/svg\"");
        assertThat(output.resolve("similarity.svg")).isNotEmptyFile();
        assertThat(output.resolve("sweep.json")).content().contains("\"method\" : \"last\"");
        assertThat(Files.readString(output.resolve("sweep.html")))
                .contains("<svg ", "<h2>Once &lt;</h2>", "<span class=\"merged\">10+11</span>")
                .doesNotContain("http", "url(", "src=", "@import");
    }

    /** A sweep's journal is locked until it is closed. */
    private List<SweepPoint> run(SweepInputs of, List<SweepMethod> methods, List<Integer> layers) throws IOException {
        try (Sweep sweep = Sweep.open(
                of, output, SETTINGS, Optional.empty(), Optional.empty(), CollapseListener.NONE, told::add)) {
            return sweep.run(methods, layers);
        }
    }
}
