package org.laco.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.collect.ImmutableMap;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.laco.LayerCollapse;
import org.laco.fit.Fit;
import org.laco.io.CountingEvaluator.Count;
import org.laco.io.CountingEvaluator.Killed;
import org.laco.measure.Metrics;
import org.laco.search.Measurements;
import org.laco.search.Searches;
import org.laco.stack.Calibration;

/** A series of searches that share what they measure finds the same wherever it is cut off, and measures nothing twice. */
class SeriesJournalTest {
    private static final ImmutableMap<String, String> SETTINGS = ImmutableMap.of("layers", "6, 7");

    @TempDir
    Path directory;

    private Calibration calibration;
    private HfCheckpoint checkpoint;
    private Path target;
    private Path file;
    private Fit fit;
    /** What was written of each search's result, which the process's end doesn't undo. */
    private final Map<String, JsonNode> results = new LinkedHashMap<>();

    @BeforeEach
    void open() throws IOException {
        try (Fixture fixture = Fixture.open(Fixture.root().resolve("llama"))) {
            // Enough to hold something out of a fit.
            calibration = fixture.sequences().sequences(0, 3);
            checkpoint = HfCheckpoint.open(fixture.model());
        }
        target = directory.resolve("out");
        file = directory.toRealPath().resolve(".out.laco-journal");
        fit = Fit.ridge(1).steps(1).tokensPerInput(0).calibration(calibration);
    }

    @AfterEach
    void close() {
        checkpoint.close();
    }

    private LayerCollapse.Builder settings(String search, int layers, Count count) {
        LayerCollapse.Builder builder = LayerCollapse.builder()
                .search(Searches.named(search.replace("+refit", "")))
                .objective(Metrics.cosine())
                .targetLayers(layers)
                .batchSize(3)
                .calibration(calibration)
                .evaluator(count.evaluator());
        return search.endsWith("+refit") ? builder.fit(fit) : builder;
    }

    /** Goes on with the series until it is complete or the process ends. */
    private int run(Count count) throws IOException {
        try (SeriesJournal journal = SeriesJournal.open(checkpoint, target)) {
            journal.begin(SETTINGS);
            for (String search : List.of("runs", "greedy", "runs+refit")) {
                for (int layers : new int[] {6, 7}) {
                    String name = search + " to " + layers;
                    if (results.containsKey(name)) {
                        journal.skip(name);
                    } else {
                        JsonNode result = CollapseRecord.of(settings(search, layers, count)
                                        .journal(journal.search(name))
                                        .build()
                                        .apply(checkpoint.model()))
                                .toJson();
                        journal.complete(name);
                        results.put(name, result);
                    }
                }
            }
            return journal.known();
        }
    }

    private void killAfter(int candidates) {
        assertThatExceptionOfType(Killed.class).isThrownBy(() -> run(new Count(candidates)));
    }

    @Test
    void findsWhatSearchesFindThatShareMeasurementsWithoutAJournal() throws IOException {
        Measurements measurements = Measurements.create();
        Map<String, JsonNode> expected = new LinkedHashMap<>();
        Count without = Count.unlimited();
        for (String search : List.of("runs", "greedy", "runs+refit")) {
            for (int layers : new int[] {6, 7}) {
                expected.put(
                        search + " to " + layers,
                        CollapseRecord.of(settings(search, layers, without)
                                        .measurements(measurements)
                                        .build()
                                        .apply(checkpoint.model()))
                                .toJson());
            }
        }
        Count with = Count.unlimited();
        run(with);
        assertThat(results).isEqualTo(expected);
        assertThat(with.measured()).isEqualTo(without.measured());
    }

    @Test
    void findsTheSameAfterWhicheverCandidateItWasKilledAndMeasuresOnlyTheRest() throws IOException {
        Count undisturbed = Count.unlimited();
        run(undisturbed);
        Map<String, JsonNode> expected = Map.copyOf(results);
        String whole = Files.readString(file);

        for (int candidates = 1; candidates < undisturbed.measured(); candidates += undisturbed.measured() / 12) {
            results.clear();
            Files.delete(file);
            Count before = new Count(candidates);
            assertThatExceptionOfType(Killed.class).isThrownBy(() -> run(before));
            Count rest = Count.unlimited();
            int known = run(rest);

            assertThat(results).as("killed after %d", candidates).isEqualTo(expected);
            assertThat(known).isEqualTo(before.measured());
            assertThat(rest.measured()).isEqualTo(undisturbed.measured() - known);
            assertThat(withoutTimes(Files.readString(file))).isEqualTo(withoutTimes(whole));
        }
    }

    /** How long something took differs, and with it all checksums. */
    private static String withoutTimes(String lines) {
        return lines.replaceAll("(?m)^[0-9a-f]{8} ", "").replaceAll("\"seconds\":[0-9.]+", "");
    }

    @Test
    void findsTheSameIfAResultIsLostThatTheJournalHasTheEndOf() throws IOException {
        run(Count.unlimited());
        Map<String, JsonNode> expected = Map.copyOf(results);
        for (String lost : List.copyOf(expected.keySet())) {
            results.remove(lost);
            Count rest = Count.unlimited();
            run(rest);
            assertThat(results).isEqualTo(expected);
            assertThat(rest.measured()).as(lost).isZero();
        }
    }

    @Test
    void canBeCutOffAgainAndAgain() throws IOException {
        Count undisturbed = Count.unlimited();
        run(undisturbed);
        Map<String, JsonNode> expected = Map.copyOf(results);
        results.clear();
        Files.delete(file);
        int measured = 0;
        for (int runs = 0; results.size() < expected.size(); runs++) {
            assertThat(runs).isLessThan(100);
            Count some = new Count(10);
            try {
                run(some);
            } catch (Killed e) {
                assertThat(some.measured()).isPositive();
            }
            measured += some.measured();
        }
        assertThat(results).isEqualTo(expected);
        assertThat(measured).isEqualTo(undisturbed.measured());
    }

    @Test
    void refusesTheJournalOfAnotherSeries() throws IOException {
        killAfter(12);
        try (SeriesJournal journal = SeriesJournal.open(checkpoint, target)) {
            assertThatExceptionOfType(JournalMismatchException.class)
                    .isThrownBy(() -> journal.begin(ImmutableMap.of("layers", "6")))
                    .withMessage(file
                            + " is the journal of another series of searches: layers is \"6\" now and was \"6, 7\"; resume with what "
                            + "it began with, or remove the file to begin anew");
        }
        assertThat(file).exists();
    }

    @Test
    void refusesASearchThatWasAnother() throws IOException {
        killAfter(12);
        try (SeriesJournal journal = SeriesJournal.open(checkpoint, target)) {
            journal.begin(SETTINGS);
            assertThatExceptionOfType(JournalMismatchException.class)
                    .isThrownBy(() -> settings("runs", 7, Count.unlimited())
                            .journal(journal.search("runs to 6"))
                            .build()
                            .apply(checkpoint.model()))
                    .withMessage(file
                            + " is the journal of another search than runs to 6: targetLayers is \"7\" now and was \"6\"; resume with what "
                            + "it began with, or remove the file to begin anew");
        }
    }

    @Test
    void refusesTheJournalOfOneSearch() throws IOException {
        try (SearchJournal journal = SearchJournal.create(checkpoint, target)) {
            settings("runs", 6, Count.unlimited()).journal(journal).build().apply(checkpoint.model());
        }
        try (SeriesJournal journal = SeriesJournal.open(checkpoint, target)) {
            assertThatExceptionOfType(JournalMismatchException.class)
                    .isThrownBy(() -> journal.begin(SETTINGS))
                    .withMessageStartingWith(file + " is the journal of another series of searches: ");
        }
    }

    @Test
    void refusesAFileOfWhichAnyByteIsAnother() throws IOException {
        killAfter(6);
        byte[] whole = Files.readAllBytes(file);
        for (int i = 0; i < whole.length - 1; i += 7) {
            byte[] damaged = whole.clone();
            damaged[i] ^= 1;
            Files.write(file, damaged);
            assertThatIOException()
                    .as("byte %d", i)
                    .isThrownBy(() -> SeriesJournal.open(checkpoint, target))
                    .withMessageStartingWith(file + ", line ")
                    .withMessageContaining(": the journal is damaged, ")
                    .withMessageEndingWith(": remove it to begin anew");
            assertThat(file).hasBinaryContent(damaged);
        }
    }

    @Test
    void goesOnAfterALineThatHadNoEnd() throws IOException {
        run(Count.unlimited());
        Map<String, JsonNode> expected = Map.copyOf(results);
        results.clear();
        Files.delete(file);
        killAfter(20);
        byte[] whole = Files.readAllBytes(file);
        Files.write(file, Arrays.copyOf(whole, whole.length - 20));
        run(Count.unlimited());
        assertThat(results).isEqualTo(expected);
    }

    @Test
    void refusesTwoFitsOfOneName() throws IOException {
        try (SeriesJournal journal = SeriesJournal.open(checkpoint, target)) {
            journal.begin(SETTINGS);
            settings("runs+refit", 6, Count.unlimited())
                    .journal(journal.search("one"))
                    .build()
                    .apply(checkpoint.model());
            fit = fit.batchRows(16);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> settings("runs+refit", 6, Count.unlimited())
                            .journal(journal.search("other"))
                            .build()
                            .apply(checkpoint.model()))
                    .withMessageStartingWith(
                            "two searches of the series have each a fit named ridge:1.0 steps:1.0 which differ");
        }
    }

    @Test
    void isTheJournalOfItsOwnMeasurements() throws IOException {
        try (SeriesJournal journal = SeriesJournal.open(checkpoint, target)) {
            assertThatIllegalStateException()
                    .isThrownBy(() -> journal.search("before the series"))
                    .withMessage("the series wasn't begun");
            journal.begin(SETTINGS);
            LayerCollapse.Builder builder =
                    settings("runs", 6, Count.unlimited()).journal(journal.search("runs to 6"));
            assertThatIllegalStateException()
                    .isThrownBy(
                            () -> builder.measurements(Measurements.create()).build())
                    .withMessageStartingWith("the journal keeps what one search asks for");
            assertThatIllegalStateException()
                    .isThrownBy(() -> journal.search("runs to 6"))
                    .withMessage("the series has had a search runs to 6 already");
        }
        assertThat(file).as("a series without a score leaves nothing").doesNotExist();
    }

    @Test
    void isRemovedWhenItIsComplete() throws IOException {
        try (SeriesJournal journal = SeriesJournal.open(checkpoint, target)) {
            journal.begin(SETTINGS);
            settings("runs", 6, Count.unlimited())
                    .journal(journal.search("runs to 6"))
                    .build()
                    .apply(checkpoint.model());
            assertThat(journal.kept()).isPositive();
            assertThat(journal.known()).isZero();
            journal.remove();
        }
        assertThat(file).doesNotExist();
    }
}
