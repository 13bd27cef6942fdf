package org.laco.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableList;
import com.google.common.primitives.ImmutableIntArray;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.laco.CollapseResult;
import org.laco.LayerCollapse;
import org.laco.evaluate.Screening;
import org.laco.fit.Fit;
import org.laco.io.CountingEvaluator.Count;
import org.laco.io.CountingEvaluator.Killed;
import org.laco.measure.ChoiceAccuracy;
import org.laco.measure.ChoiceItem;
import org.laco.measure.Score;
import org.laco.merge.MergeRules;
import org.laco.search.CollapseStep;
import org.laco.search.Measurements;
import org.laco.search.Searches;
import org.laco.stack.Calibration;
import org.laco.tensor.Precision;

/** A search that is cut off and resumed finds what one finds that isn't, and measures nothing twice. */
class SearchJournalTest {
    /** The ways in which a search asks for scores. */
    private enum Way {
        SCHEDULE(settings ->
                settings.layersPerMerge(2).interval(1).threshold(0.9).batchSize(1)),
        CHOICE_OF_RULES(settings ->
                settings.interval(1).threshold(0.3).rule(MergeRules.best(MergeRules.rdsc(), MergeRules.mean()))),
        SCREENED(settings -> settings.interval(1).threshold(0.3).screening(Screening.bfloat16())),
        SCHEDULE_TO_A_TARGET(settings -> settings.range(1, 8).targetLayers(5)),
        GREEDY(settings -> settings.search(Searches.named("greedy")).targetLayers(6)),
        RUNS(settings -> settings.search(Searches.named("runs")).targetLayers(6)),
        FITTED_RUNS(settings -> settings.search(Searches.named("runs"))
                .targetLayers(7)
                .fit(Fit.ridge().tokensPerInput(0)));

        private final UnaryOperator<LayerCollapse.Builder> settings;

        Way(UnaryOperator<LayerCollapse.Builder> settings) {
            this.settings = settings;
        }
    }

    @TempDir
    Path directory;

    private Calibration calibration;
    private HfCheckpoint checkpoint;
    private Path target;
    private Path file;

    @BeforeEach
    void open() throws IOException {
        try (Fixture fixture = Fixture.open(Fixture.root().resolve("llama"))) {
            calibration = fixture.sequences();
            checkpoint = HfCheckpoint.open(fixture.model());
        }
        target = directory.resolve("out");
        file = directory.toRealPath().resolve(".out.laco-journal");
    }

    @AfterEach
    void close() {
        checkpoint.close();
    }

    private LayerCollapse.Builder settings(Way way, Count count) {
        return way.settings
                .apply(LayerCollapse.builder().batchSize(3))
                .calibration(calibration)
                .evaluator(count.evaluator());
    }

    /** Searches with a journal that stays where it is. */
    private CollapseResult search(SearchJournal opened, LayerCollapse.Builder settings) throws IOException {
        try (SearchJournal journal = opened) {
            return settings.journal(journal).build().apply(checkpoint.model());
        }
    }

    private void killAfter(int candidates, Way way) {
        assertThatExceptionOfType(Killed.class)
                .isThrownBy(
                        () -> search(SearchJournal.replace(checkpoint, target), settings(way, new Count(candidates))));
    }

    private static JsonNode record(CollapseResult result) throws IOException {
        return CollapseRecord.of(result).toJson();
    }

    @Test
    void findsTheSameAfterWhicheverCandidateItWasKilledAndMeasuresOnlyTheRest() throws IOException {
        Count undisturbed = Count.unlimited();
        CollapseResult expected = settings(Way.SCHEDULE, undisturbed).build().apply(checkpoint.model());
        assertThat(expected.steps()).extracting(CollapseStep::accepted).contains(true, false);
        CheckpointWriter.builder().build().write(checkpoint, expected, directory.resolve("expected"));

        for (int candidates = 0; candidates < undisturbed.measured(); candidates++) {
            killAfter(candidates, Way.SCHEDULE);
            Count rest = Count.unlimited();
            SearchJournal journal = SearchJournal.resume(checkpoint, target);
            CollapseResult resumed = search(journal, settings(Way.SCHEDULE, rest));
            Path written = directory.resolve("resumed-" + candidates);
            CheckpointWriter.builder().build().write(checkpoint, resumed, written);

            assertThat(journal.known()).isEqualTo(candidates);
            assertThat(rest.measured()).isEqualTo(undisturbed.measured() - candidates);
            assertThat(hashes(written)).isEqualTo(hashes(directory.resolve("expected")));
        }
    }

    /** The hash of every file, the record's among them. */
    private static FileHashes hashes(Path written) throws IOException {
        try (Stream<Path> files = Files.list(written)) {
            return FileHashes.of(files.toList());
        }
    }

    @ParameterizedTest
    @EnumSource
    void findsTheSameAfterWhicheverLineItWasCutOffAndMeasuresOnlyTheRest(Way way) throws IOException {
        Count undisturbed = Count.unlimited();
        JsonNode expected = record(settings(way, undisturbed).build().apply(checkpoint.model()));
        Count first = Count.unlimited();
        JsonNode kept = record(search(SearchJournal.create(checkpoint, target), settings(way, first)));
        assertThat(kept).isEqualTo(expected);
        assertThat(first.measured()).isEqualTo(undisturbed.measured());
        List<String> lines = Files.readAllLines(file);
        assertThat(lines).hasSizeGreaterThan(3);

        for (int count = 0; count <= lines.size(); count++) {
            Files.write(file, lines.subList(0, count));
            Count rest = Count.unlimited();
            SearchJournal journal = SearchJournal.resume(checkpoint, target);
            JsonNode resumed = record(search(journal, settings(way, rest)));

            assertThat(resumed).isEqualTo(expected);
            assertThat(rest.measured()).isEqualTo(undisturbed.measured() - journal.known());
            assertThat(file).hasContent(String.join("\n", lines) + "\n");
        }
    }

    @Test
    void makesOnlyThoseFitsAgainThatFinalistsAreMadeOfOnceScoresAreKnown() throws IOException {
        Count undisturbed = Count.unlimited();
        search(SearchJournal.create(checkpoint, target), toThreeLayers(undisturbed));
        Count resumed = Count.unlimited();
        search(SearchJournal.resume(checkpoint, target), toThreeLayers(resumed));

        assertThat(resumed.fits()).isPositive().isLessThan(undisturbed.fits());
        assertThat(resumed.measured()).isZero();
    }

    /** With more layers left, no fit to so few tokens helps the finalists, and none has to be made again. */
    private LayerCollapse.Builder toThreeLayers(Count count) {
        return LayerCollapse.builder()
                .search(Searches.named("runs"))
                .targetLayers(3)
                .fit(Fit.ridge().tokensPerInput(0))
                .calibration(calibration)
                .evaluator(count.evaluator());
    }

    @Test
    void canBeCutOffAgainAndAgain() throws IOException {
        Count undisturbed = Count.unlimited();
        JsonNode expected = record(settings(Way.GREEDY, undisturbed).build().apply(checkpoint.model()));
        int measured = 0;
        int runs = 0;
        while (true) {
            Count some = new Count(11);
            runs++;
            try {
                CollapseResult result = search(SearchJournal.resume(checkpoint, target), settings(Way.GREEDY, some));
                assertThat(record(result)).isEqualTo(expected);
                break;
            } catch (Killed e) {
                measured += some.measured();
            }
        }
        assertThat(runs).isGreaterThan(2);
        assertThat(measured).isLessThan(undisturbed.measured());
    }

    @Test
    void keepsEveryBitOfAScore() {
        Score score = new Score(
                "cosine",
                0.1 + 0.2,
                ImmutableList.of(Double.MIN_VALUE, -0.0, Double.NaN, Double.NEGATIVE_INFINITY, Math.nextUp(1.0)),
                Precision.BFLOAT16);
        ObjectNode node = new Json().object();
        ScoreJson.encode(score, node);

        assertThat(ScoreJson.decode(node)).isEqualTo(score);
    }

    @Test
    void leavesOutALineThatHasNoEnd() throws IOException {
        killAfter(5, Way.SCHEDULE);
        byte[] whole = Files.readAllBytes(file);
        for (int length = 0; length <= whole.length; length++) {
            byte[] cut = Arrays.copyOf(whole, length);
            Files.write(file, cut);
            int known;
            try (SearchJournal journal = SearchJournal.resume(checkpoint, target)) {
                known = journal.known();
            }
            String kept = new String(cut, StandardCharsets.UTF_8);
            kept = kept.substring(0, kept.lastIndexOf('\n') + 1);
            if (known > 0) {
                assertThat(file).hasContent(kept);
            } else {
                assertThat(file)
                        .as("without a score there is nothing to resume")
                        .doesNotExist();
            }
            assertThat(known).isEqualTo(kept.split("\"value\"", -1).length - 1);
        }
    }

    @Test
    void goesOnAfterALineThatHadNoEnd() throws IOException {
        JsonNode expected =
                record(settings(Way.SCHEDULE, Count.unlimited()).build().apply(checkpoint.model()));
        killAfter(5, Way.SCHEDULE);
        byte[] whole = Files.readAllBytes(file);
        Files.write(file, Arrays.copyOf(whole, whole.length - 20));

        assertThat(record(search(SearchJournal.resume(checkpoint, target), settings(Way.SCHEDULE, Count.unlimited()))))
                .isEqualTo(expected);
    }

    @Test
    void refusesAFileOfWhichAnyByteIsAnother() throws IOException {
        killAfter(5, Way.SCHEDULE);
        byte[] whole = Files.readAllBytes(file);
        int line = 1;
        for (int i = 0; i < whole.length - 1; i++) {
            byte[] damaged = whole.clone();
            damaged[i] ^= 1;
            Files.write(file, damaged);
            assertThatIOException()
                    .as("byte %d", i)
                    .isThrownBy(() -> SearchJournal.resume(checkpoint, target))
                    .withMessageStartingWith(file + ", line " + line + ": the journal is damaged, ")
                    .withMessageEndingWith(": remove it to begin anew");
            assertThat(file).hasBinaryContent(damaged);
            line += whole[i] == '\n' ? 1 : 0;
        }
    }

    @Test
    void refusesLinesThatAreMissingOrMoved() throws IOException {
        killAfter(5, Way.SCHEDULE);
        List<String> lines = Files.readAllLines(file);
        assertThat(lines).hasSizeGreaterThan(3);
        Files.write(file, List.of(lines.get(0), lines.get(2), lines.get(3)));
        assertThatIOException()
                .isThrownBy(() -> SearchJournal.resume(checkpoint, target))
                .withMessage(
                        file
                                + ", line 2: the journal is damaged, the line doesn't have the checksum of what was written: remove it to begin anew");
    }

    private void assertRefused(UnaryOperator<LayerCollapse.Builder> otherwise, String difference) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> search(
                        SearchJournal.resume(checkpoint, target),
                        otherwise.apply(settings(Way.SCHEDULE, Count.unlimited()))))
                .withMessage(file + " is the journal of another search: " + difference
                        + "; resume with what it began with, or remove the file to begin anew");
    }

    @Test
    void refusesTheJournalOfOtherSettings() {
        killAfter(4, Way.SCHEDULE);
        assertRefused(settings -> settings.threshold(0.91), "threshold is \"0.91\" now and was \"0.9\"");
        assertRefused(settings -> settings.batchSize(4), "candidatesTogether is \"4\" now and was \"1\"");
        assertRefused(
                settings -> settings.rule(MergeRules.named("mean")), "rule is \"mean\" now and was \"telescoped\"");
        assertRefused(
                settings -> settings.screening(Screening.bfloat16()), "screen is \"bfloat16\" now and was \"absent\"");
        assertRefused(
                settings -> settings.fit(Fit.ridge(0.5).tokensPerInput(0)),
                "refit is \"ridge:0.5\" now and was \"absent\"");
    }

    @Test
    void refusesTheJournalOfAFitToOtherSequences() {
        killAfter(4, Way.FITTED_RUNS);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> search(
                        SearchJournal.resume(checkpoint, target),
                        settings(Way.FITTED_RUNS, Count.unlimited())
                                .fit(Fit.ridge()
                                        .tokensPerInput(0)
                                        .calibration(Calibration.ofTokens(
                                                List.of(new int[] {1, 2, 3}, new int[] {4, 5, 6}))))))
                .withMessageContaining("is the journal of another search: refit");
    }

    @Test
    void refusesTheJournalOfOtherSequences() {
        killAfter(4, Way.SCHEDULE);
        calibration = Calibration.ofTokens(List.of(new int[] {1, 2, 3}));
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        search(SearchJournal.resume(checkpoint, target), settings(Way.SCHEDULE, Count.unlimited())))
                .withMessageContaining("is the journal of another search: calibration is \"sha256 ");
    }

    @Test
    void refusesTheJournalOfAnotherModelOfTheSameShape() throws IOException {
        Path other = Files.createDirectory(directory.resolve("model"));
        for (Path one : checkpoint.files()) {
            Files.copy(one, other.resolve(one.getFileName().toString()));
        }
        checkpoint.close();
        checkpoint = HfCheckpoint.open(other);
        killAfter(4, Way.SCHEDULE);
        checkpoint.close();
        Path weights = other.resolve("model.safetensors");
        FileTime changed = Files.getLastModifiedTime(weights);
        byte[] bytes = Files.readAllBytes(weights);
        bytes[bytes.length - 1] ^= 1;
        Files.write(weights, bytes);
        Files.setLastModifiedTime(weights, changed);
        checkpoint = HfCheckpoint.open(other);

        assertRefused(settings -> settings, "the model's model.safetensors is not the one that it began with");
    }

    @Test
    void refusesTheJournalOfAnotherVersion() throws IOException {
        killAfter(4, Way.SCHEDULE);
        try (JournalFile journal = JournalFile.open(file)) {
            List<JsonNode> lines = journal.read();
            journal.clear();
            journal.append(((ObjectNode) lines.get(0)).put("laco", "0.0.9"));
        }
        assertRefused(settings -> settings, "laco is \"" + CollapseRecord.version() + "\" now and was \"0.0.9\"");
    }

    @Test
    void refusesAnswersToOtherQuestions() throws IOException {
        killAfter(5, Way.SCHEDULE);
        try (JournalFile journal = JournalFile.open(file)) {
            List<JsonNode> lines = journal.read();
            journal.clear();
            journal.append(lines.get(0));
            journal.append(lines.get(1));
            journal.append(lines.get(3));
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        search(SearchJournal.resume(checkpoint, target), settings(Way.SCHEDULE, Count.unlimited())))
                .withMessage(file
                        + ", line 3: the search wants other candidates scored here than the one that the journal was written by: "
                        + "remove it to begin anew");
    }

    @Test
    void isNotBegunAnewUnlessThatIsAskedFor() throws IOException {
        killAfter(4, Way.SCHEDULE);
        assertThatIOException()
                .isThrownBy(() -> SearchJournal.create(checkpoint, target))
                .withMessage("a search to " + target + " was cut off after 4 scores, which " + file
                        + " holds: resume it, or remove that file to begin anew");
        try (SearchJournal journal = SearchJournal.replace(checkpoint, target)) {
            assertThat(journal.known()).isZero();
        }
        assertThat(file).as("a search without a score leaves nothing").doesNotExist();
        SearchJournal.create(checkpoint, target).close();
        assertThat(file).doesNotExist();
    }

    @Test
    void isKeptByOneSearchAtATime() throws IOException {
        try (SearchJournal journal = SearchJournal.create(checkpoint, target)) {
            assertThatIOException()
                    .isThrownBy(() -> SearchJournal.resume(checkpoint, target))
                    .withMessage(file + " is kept by another search to the same place, which is still running");
            journal.remove();
        }
        assertThat(file).doesNotExist();
    }

    @Test
    void isNotKeptInALink() throws IOException {
        Path other = Files.writeString(directory.resolve("other"), "of someone");
        Files.createSymbolicLink(file, other);
        assertThatIOException()
                .isThrownBy(() -> SearchJournal.replace(checkpoint, target))
                .withMessage(file + " is not a regular file, so no journal can be kept there: remove it");
        assertThat(other).hasContent("of someone");
    }

    @Test
    void isNotSharedWithMeasurementsOfOthers() throws IOException {
        try (SearchJournal journal = SearchJournal.create(checkpoint, target)) {
            assertThatIllegalStateException()
                    .isThrownBy(() -> settings(Way.SCHEDULE, Count.unlimited())
                            .measurements(Measurements.create())
                            .journal(journal)
                            .build())
                    .withMessage(
                            "the journal keeps what one search asks for, which depends on the measurements of others: leave the "
                                    + "measurements out, or set a journal that keeps them");
        }
    }

    /** A search judged by two questions made of the fixture's tokens. */
    private LayerCollapse.Builder judged(int firstAnswer, Count count) {
        ImmutableIntArray tokens = ImmutableIntArray.copyOf(calibration.tokens(0));
        ImmutableList<ImmutableIntArray> choices = ImmutableList.of(tokens.subArray(3, 5), tokens.subArray(4, 5));
        ChoiceAccuracy accuracy = ChoiceAccuracy.of(List.of(
                new ChoiceItem(tokens.subArray(0, 3), choices, ImmutableList.of(), firstAnswer, ""),
                new ChoiceItem(tokens.subArray(1, 4), choices, ImmutableList.of(), 0, "")));
        return settings(Way.GREEDY, count).calibration(accuracy.calibration()).objective(accuracy);
    }

    @Test
    void goesOnWithASearchThatAnswersJudge() throws IOException {
        JsonNode undisturbed =
                record(judged(1, new Count(Integer.MAX_VALUE)).build().apply(checkpoint.model()));
        assertThatExceptionOfType(Killed.class)
                .isThrownBy(() -> search(SearchJournal.create(checkpoint, target), judged(1, new Count(12))));

        Count rest = new Count(Integer.MAX_VALUE);
        JsonNode resumed = record(search(SearchJournal.resume(checkpoint, target), judged(1, rest)));

        assertThat(resumed).isEqualTo(undisturbed);
        JsonNode settings = resumed.get("settings");
        assertThat(settings.get("objective").asText()).isEqualTo("accuracy");
        assertThat(settings.get("questions").asInt()).isEqualTo(2);
        assertThat(settings.get("questionAnswers").asText()).isEqualTo("1 0");
        assertThat(resumed.get("steps").get(0).get("metric").asText()).isEqualTo("accuracy");
        assertThat(resumed.get("measures").get("accuracy").asDouble() * 2).isIn(0.0, 1.0, 2.0);
        assertThat(resumed.get("measures").get("accuracy.share").asDouble()).isBetween(0.0, 1.0);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> search(SearchJournal.resume(checkpoint, target), judged(0, rest)))
                .withMessageContaining("questionAnswers is \"0 0\" now and was \"1 0\"");
    }

    @Test
    void screensNoCandidatesThatAnswersJudge() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> judged(1, new Count(Integer.MAX_VALUE))
                        .screening(Screening.bfloat16())
                        .build()
                        .apply(checkpoint.model()))
                .withMessage(
                        "the objective accuracy counts, so candidates can't be screened in less precision: leave the"
                                + " screening out");
    }
}
