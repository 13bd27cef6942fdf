package org.laco.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.collect.ImmutableList;
import com.google.common.io.MoreFiles;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.spark.SparkContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerTaskStart;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.laco.CollapseResult;
import org.laco.LayerCollapse;
import org.laco.evaluate.Batching;
import org.laco.evaluate.Evaluator;
import org.laco.evaluate.EvaluatorSettings;
import org.laco.evaluate.LocalEvaluator;
import org.laco.evaluate.PassListener;
import org.laco.fit.Fit;
import org.laco.fit.FitCost;
import org.laco.fit.FitListener;
import org.laco.io.CalibrationFile;
import org.laco.io.CheckpointWriter;
import org.laco.io.ChoiceFile;
import org.laco.io.HfCheckpoint;
import org.laco.io.SearchJournal;
import org.laco.measure.ChoiceAccuracy;
import org.laco.measure.Metrics;
import org.laco.measure.Score;
import org.laco.merge.MergeRules;
import org.laco.plan.CollapsePlan;
import org.laco.plan.FittedLayer;
import org.laco.search.CollapseListener;
import org.laco.search.Searches;
import org.laco.stack.Calibration;

@ExtendWith(LocalSpark.class)
class SparkEvaluatorTest {
    private static final Path EXAMPLES =
            Path.of("..", "laco-examples", "model").toAbsolutePath().normalize();
    private static final Path MODEL = EXAMPLES.resolve("model");
    private static final Path CALIBRATION = EXAMPLES.resolve("calibration.txt");
    private static final Path HELD_OUT = EXAMPLES.resolve("held-out.txt");
    private static final Path CHOICES = EXAMPLES.resolve("choices.jsonl");

    @TempDir
    static Path directory;

    private static CollapseResult alone;
    private static final Counted aloneCounted = new Counted();

    private static HfCheckpoint checkpoint;

    @BeforeAll
    static void open() throws IOException {
        checkpoint = HfCheckpoint.open(MODEL);
    }

    @AfterAll
    static void close() {
        checkpoint.close();
    }

    private Calibration lines(int count) throws IOException {
        Path some = Files.createTempFile(directory, "lines", ".txt");
        Files.write(some, Files.readAllLines(HELD_OUT).subList(0, count));
        return CalibrationFile.read(some, checkpoint);
    }

    private static Calibration sentences(HfCheckpoint checkpoint) throws IOException {
        return CalibrationFile.read(CALIBRATION, checkpoint);
    }

    /** What stands in the record of a search, and the weights. */
    private static void assertSame(CollapseResult actual, CollapseResult expected) {
        assertThat(actual.steps()).isEqualTo(expected.steps());
        assertThat(actual.plan().sources()).isEqualTo(expected.plan().sources());
        assertThat(actual.evaluation()).isEqualTo(expected.evaluation());
    }

    private LayerCollapse.Builder fitted() throws IOException {
        return LayerCollapse.builder()
                .search(Searches.named("runs"))
                .targetLayers(8)
                .calibration(sentences(checkpoint))
                .fit(Fit.ridge().calibration(lines(60)).tokensPerInput(1));
    }

    /** What {@link #fitted} finds on one machine. */
    private CollapseResult alone() throws IOException {
        if (alone == null) {
            alone = fitted().listener(aloneCounted).build().apply(checkpoint.model());
        }
        return alone;
    }

    @Test
    void writesTheBytesOfOneMachineForRunsWithAFit(SparkContext spark) throws IOException {
        CollapseResult alone = alone();
        CollapseResult result =
                fitted().evaluator(SparkEvaluator.on(spark, checkpoint)).build().apply(checkpoint.model());

        assertSame(result, alone);
        assertThat(result.plan().layers()).hasAtLeastOneElementOfType(FittedLayer.class);
        CheckpointWriter writer = CheckpointWriter.builder().build();
        writer.write(checkpoint, alone, directory.resolve("alone"));
        writer.write(checkpoint, result, directory.resolve("on-spark"));
        for (String file : List.of("model.safetensors", "laco.json")) {
            assertThat(MoreFiles.asByteSource(directory.resolve("on-spark").resolve(file))
                            .contentEquals(MoreFiles.asByteSource(
                                    directory.resolve("alone").resolve(file))))
                    .as(file)
                    .isTrue();
        }
    }

    @Test
    void decidesAsOneMachineInASearchThatGoesOnFromWhatItMerged(SparkContext spark) throws IOException {
        LayerCollapse.Builder greedy = LayerCollapse.builder()
                .search(Searches.named("greedy"))
                .targetLayers(9)
                .batchSize(3)
                .calibration(sentences(checkpoint));
        CollapseResult alone = greedy.build().apply(checkpoint.model());

        assertSame(
                greedy.evaluator(SparkEvaluator.on(spark, checkpoint)).build().apply(checkpoint.model()), alone);
    }

    @Test
    void judgesByAnswersToQuestions(SparkContext spark) throws IOException {
        ChoiceAccuracy accuracy = ChoiceAccuracy.of(
                ChoiceFile.read(CHOICES, checkpoint.tokenizer()).subList(0, 12));
        LayerCollapse.Builder judged =
                LayerCollapse.builder().targetLayers(10).objective(accuracy).calibration(accuracy.calibration());
        CollapseResult alone = judged.build().apply(checkpoint.model());

        assertSame(
                judged.evaluator(SparkEvaluator.on(spark, checkpoint)).build().apply(checkpoint.model()), alone);
    }

    @Test
    void findsTheSameWhereTasksAreKilledAndRunAgain(SparkContext spark) throws IOException {
        CollapseResult alone = alone();
        AtomicInteger killed = new AtomicInteger();
        SparkListener killer = new SparkListener() {
            @Override
            public void onTaskStart(SparkListenerTaskStart start) {
                if (start.taskInfo().attemptNumber() == 0 && start.taskInfo().index() % 3 == 1) {
                    spark.killTaskAttempt(start.taskInfo().taskId(), true, "a test kills it");
                    killed.incrementAndGet();
                }
            }
        };
        spark.addSparkListener(killer);
        try {
            CollapseResult result = fitted().evaluator(SparkEvaluator.on(spark, checkpoint))
                    .build()
                    .apply(checkpoint.model());

            assertSame(result, alone);
            assertThat(killed).hasPositiveValue();
        } finally {
            spark.removeSparkListener(killer);
        }
    }

    @Test
    void goesOnFromAJournalOfOneMachine(SparkContext spark) throws IOException {
        CollapseResult alone = alone();
        Path target = directory.resolve("journaled");
        try (SearchJournal journal = SearchJournal.create(checkpoint, target)) {
            LayerCollapse cut =
                    fitted().journal(journal).listener(new CutOff(40)).build();
            assertThatThrownBy(() -> cut.apply(checkpoint.model())).hasMessage("cut off");
        }
        try (SearchJournal journal = SearchJournal.resume(checkpoint, target)) {
            assertThat(journal.known()).isPositive();
            CollapseResult result = fitted().journal(journal)
                    .evaluator(SparkEvaluator.on(spark, checkpoint))
                    .build()
                    .apply(checkpoint.model());
            assertSame(result, alone);
            journal.remove();
        }
    }

    /** Ends a search at a layer that is run for candidates. */
    private static final class CutOff implements CollapseListener {
        private int left;

        CutOff(int after) {
            left = after;
        }

        @Override
        public void layerRun(int layer, int candidates) {
            if (candidates > 0 && left-- == 0) {
                throw new IllegalStateException("cut off");
            }
        }
    }

    @Test
    void tellsWhatExecutorsDoAsIfItWereDoneHere(SparkContext spark) throws IOException {
        alone();
        Counted remote = new Counted();
        fitted().listener(remote)
                .evaluator(SparkEvaluator.on(spark, checkpoint))
                .build()
                .apply(checkpoint.model());

        assertThat(remote.candidates).isEqualTo(aloneCounted.candidates).isNotEmpty();
        assertThat(remote.solutions).isEqualTo(aloneCounted.solutions).isPositive();
        assertThat(remote.fitBytes).isEqualTo(aloneCounted.fitBytes);
    }

    private static final class Counted implements CollapseListener {
        private final List<Integer> candidates = new ArrayList<>();
        private int solutions;
        private long fitBytes;

        @Override
        public void layerRun(int layer, int count) {
            if (count > 0) {
                candidates.add(layer * 100 + count);
            }
        }

        @Override
        public void fitsEnded(FitCost cost) {
            solutions += cost.solutions();
            fitBytes = Math.max(fitBytes, cost.bytes());
        }
    }

    private Evaluator evaluator(SparkEvaluator where, HfCheckpoint of) throws IOException {
        return where.create(
                of.model(),
                sentences(of),
                new EvaluatorSettings(Metrics.cosine(), Batching.of(4), Optional.empty()),
                PassListener.NONE,
                FitListener.NONE);
    }

    @Test
    void scoresListsBitByBitAsTheLocalOne(SparkContext spark) throws IOException {
        List<List<CollapsePlan>> lists = new ArrayList<>();
        for (int layer = 1; layer < 9; layer++) {
            CollapsePlan original = CollapsePlan.identity(12);
            lists.add(List.of(
                    original.merge(layer, 1, MergeRules.mean()),
                    original.merge(layer, 2, MergeRules.telescoped()),
                    original.merge(layer, 3, MergeRules.dampedRdsc(0.3))));
        }
        List<ImmutableList<Score>> expected = new ArrayList<>();
        List<ImmutableList<Score>> actual = new ArrayList<>();
        try (LocalEvaluator local = LocalEvaluator.of(
                        checkpoint.model(),
                        sentences(checkpoint),
                        new EvaluatorSettings(Metrics.cosine(), Batching.of(4), Optional.empty()),
                        PassListener.NONE,
                        FitListener.NONE);
                Evaluator remote = evaluator(SparkEvaluator.on(spark, checkpoint), checkpoint)) {
            local.screenEach(lists, expected::add);
            remote.screenEach(lists, actual::add);
            assertThat(actual).isEqualTo(expected);
            assertThat(remote.confirm(lists.get(0).get(0)))
                    .isEqualTo(local.confirm(lists.get(0).get(0)));
            assertThat(remote.tolerance()).isEqualTo(local.tolerance());
        }
    }

    @Test
    void failsWithLacosOwnMessageAndOnceWhereTheModelHoldsNaN(SparkContext spark) throws IOException {
        Path broken = copy("nan");
        Path shard = broken.resolve("model-00002-of-00002.safetensors");
        try (RandomAccessFile file = new RandomAccessFile(shard.toFile(), "rw")) {
            byte[] notANumber = new byte[4096];
            Arrays.fill(notANumber, (byte) 0xff);
            file.seek(file.length() - notANumber.length);
            file.write(notANumber);
        }
        AtomicInteger tasks = new AtomicInteger();
        SparkListener counting = new SparkListener() {
            @Override
            public void onTaskStart(SparkListenerTaskStart start) {
                tasks.incrementAndGet();
            }
        };
        spark.addSparkListener(counting);
        try (HfCheckpoint nan = HfCheckpoint.open(broken);
                Evaluator evaluator = evaluator(SparkEvaluator.on(spark, nan), nan)) {
            assertThatExceptionOfType(ArithmeticException.class)
                    .isThrownBy(() -> evaluator.confirm(CollapsePlan.identity(12)))
                    .withMessageMatching(
                            "the hidden states that leave .* of the original model are not finite: its weights hold "
                                    + "NaN, infinite or far too large values");
        } finally {
            spark.removeSparkListener(counting);
        }
        assertThat(tasks).hasValueLessThanOrEqualTo(1);
    }

    private Path copy(String name) throws IOException {
        Path copy = Files.createDirectory(directory.resolve(name));
        try (var files = Files.list(MODEL)) {
            for (Path file : files.toList()) {
                Files.copy(file, copy.resolve(file.getFileName()));
            }
        }
        return copy;
    }

    @Test
    void isRefusedWhereTheExecutorFindsAnotherCheckpoint(SparkContext spark) throws IOException {
        Path other = copy("other");
        Files.setLastModifiedTime(other.resolve("model-00001-of-00002.safetensors"), FileTime.fromMillis(1_000_000));
        try (Evaluator evaluator =
                evaluator(SparkEvaluator.on(spark, checkpoint).at(other.toAbsolutePath()), checkpoint)) {
            assertThatExceptionOfType(UncheckedIOException.class)
                    .isThrownBy(() -> evaluator.confirm(CollapsePlan.identity(12)))
                    .withMessageContaining("the checkpoint's model-00001-of-00002.safetensors on ")
                    .withMessageContaining(" is not the driver's: there it is ")
                    .withMessageEndingWith("; share the storage, or copy it with its times");
        }
        Path nowhere = directory.resolve("nowhere").toAbsolutePath();
        try (Evaluator evaluator =
                evaluator(SparkEvaluator.on(spark, checkpoint).at(nowhere), checkpoint)) {
            assertThatExceptionOfType(UncheckedIOException.class)
                    .isThrownBy(() -> evaluator.confirm(CollapsePlan.identity(12)))
                    .withMessageMatching("(?s).*the executor on .* can't open the checkpoint: .*nowhere.*");
        }
    }

    @Test
    void isRefusedForWhatExecutorsCanNotBeTold(SparkContext spark) throws IOException {
        SparkEvaluator where = SparkEvaluator.on(spark, checkpoint);
        try (HfCheckpoint other = HfCheckpoint.open(MODEL)) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> evaluator(where, other))
                    .withMessage("executors open %s, and can score no other model than that checkpoint's", MODEL);
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> evaluator(where.memory(1000), checkpoint))
                .withMessageMatching("a memory bound of 0 MB is too small .*: the smallest that works is \\d+ MB");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> where.at(Path.of("model")))
                .withMessage("executors have no common working directory: give an absolute path, not model");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> where.threads(0))
                .withMessage("an executor computes in at least one thread, not 0");
    }

    @Test
    void endsWhenItsThreadIsInterrupted(SparkContext spark) throws IOException {
        try (Evaluator evaluator = evaluator(SparkEvaluator.on(spark, checkpoint), checkpoint)) {
            Thread.currentThread().interrupt();
            assertThatExceptionOfType(CancellationException.class)
                    .isThrownBy(() -> evaluator.confirm(CollapsePlan.identity(12)));
            assertThat(Thread.interrupted()).as("as one machine clears it").isFalse();
        }
    }

    @Test
    void scoresInTheThreadsThatItIsTold(SparkContext spark) throws IOException {
        CollapsePlan plan = CollapsePlan.identity(12).merge(4, 3, MergeRules.mean());
        for (int threads : new int[] {1, 3}) {
            Score alone = new ForkJoinPool(threads)
                    .submit(() -> {
                        try (LocalEvaluator local = LocalEvaluator.of(
                                checkpoint.model(),
                                sentences(checkpoint),
                                new EvaluatorSettings(Metrics.cosine(), Batching.of(4), Optional.empty()),
                                PassListener.NONE,
                                FitListener.NONE)) {
                            return local.confirm(plan);
                        }
                    })
                    .join();
            try (Evaluator remote =
                    evaluator(SparkEvaluator.on(spark, checkpoint).threads(threads), checkpoint)) {
                assertThat(remote.confirm(plan)).as("%d threads", threads).isEqualTo(alone);
            }
        }
    }
}
