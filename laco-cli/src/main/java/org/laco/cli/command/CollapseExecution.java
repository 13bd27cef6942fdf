package org.laco.cli.command;

import com.google.common.base.Stopwatch;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.laco.CollapseResult;
import org.laco.LayerCollapse;
import org.laco.cli.command.TrainingStage.Trained;
import org.laco.cli.option.PageOption;
import org.laco.cli.option.ReportOptions;
import org.laco.cli.option.SourceAndTarget;
import org.laco.cli.progress.CostCount;
import org.laco.cli.progress.Progress;
import org.laco.cli.report.Advice;
import org.laco.cli.report.CollapsePage;
import org.laco.cli.report.CollapseReport;
import org.laco.cli.report.StageTimes;
import org.laco.cli.report.StepTable;
import org.laco.io.Checkpoint;
import org.laco.io.CheckpointWriter;
import org.laco.io.Checkpoints;
import org.laco.io.CollapseRecord;
import org.laco.io.HubCache;
import org.laco.io.SearchJournal;
import org.laco.io.TrainingFile;
import org.laco.io.WrittenCheckpoint;
import org.laco.stack.Calibration;
import org.laco.train.PostTrainingResult;

/** Opens a checkpoint, makes it shallower in some way, writes the result and reports: what several commands have in common. */
final class CollapseExecution {
    /** The way in which layers are chosen. */
    interface Step {
        CollapseResult collapse(Checkpoint checkpoint, LayerCollapse.Builder builder, CostCount cost, Progress progress)
                throws IOException;
    }

    /** A search whose settings are complete, or the writing of its result. */
    private interface Work<T> {
        T run() throws IOException;
    }

    /** What similarity is measured on. */
    interface Sequences {
        Calibration read(Checkpoint checkpoint) throws IOException;
    }

    /** The way in which scores are kept. */
    interface Journaling {
        SearchJournal open(Checkpoint checkpoint, Path target) throws IOException;
    }

    /** The training of what was found, with the file that it is kept in. */
    interface Healing {
        TrainingStage open(Checkpoint checkpoint) throws IOException;

        TrainingFile keep(Checkpoint checkpoint, Path target) throws IOException;
    }

    private final SourceAndTarget directories;
    private final Sequences sequences;
    private final ReportOptions report;
    private final PageOption page;
    private final List<String> arguments;
    private final Optional<Journaling> journaling;
    private final Optional<Healing> healing;

    /** Makes one for a command that was given some arguments, which its page tells. */
    CollapseExecution(
            SourceAndTarget directories,
            Sequences sequences,
            ReportOptions report,
            PageOption page,
            List<String> arguments) {
        this(directories, sequences, report, page, arguments, Optional.empty(), Optional.empty());
    }

    private CollapseExecution(
            SourceAndTarget directories,
            Sequences sequences,
            ReportOptions report,
            PageOption page,
            List<String> arguments,
            Optional<Journaling> journaling,
            Optional<Healing> healing) {
        this.directories = directories;
        this.sequences = sequences;
        this.report = report;
        this.page = page;
        this.arguments = arguments;
        this.journaling = journaling;
        this.healing = healing;
    }

    /** Returns an execution that keeps a journal unless nothing is written. */
    CollapseExecution journaled(Journaling how) {
        return new CollapseExecution(
                directories,
                sequences,
                report,
                page,
                arguments,
                directories.noWrite() ? Optional.empty() : Optional.of(how),
                healing);
    }

    /** Returns an execution that trains what was found. */
    CollapseExecution healed(Healing how) {
        return new CollapseExecution(directories, sequences, report, page, arguments, journaling, Optional.of(how));
    }

    void run(Step step) throws IOException {
        Path target = directories.target();
        Stopwatch opening = Stopwatch.createStarted();
        page.check(directories);
        StepTable steps = new StepTable(report.people());
        try (Checkpoint checkpoint = Checkpoints.open(directories.source());
                Progress progress = report.progress(steps)) {
            CheckpointWriter writer = directories.writer(progress);
            if (!directories.noWrite()) {
                directories.requireNewOrForced();
                writer.check(checkpoint, target);
            }
            Calibration calibration = sequences.read(checkpoint);
            Optional<TrainingStage> stage =
                    healing.isPresent() ? Optional.of(healing.get().open(checkpoint)) : Optional.empty();
            opening.stop();
            Stopwatch searching = Stopwatch.createStarted();
            CostCount cost = new CostCount();
            LayerCollapse.Builder builder =
                    LayerCollapse.builder().calibration(calibration).listener(cost.andThen(progress));
            CollapseResult result;
            Optional<WrittenCheckpoint> written = Optional.empty();
            Optional<Trained> trained = Optional.empty();
            CollapseRecord record;
            try (KeptScores scores = KeptScores.open(journaling, checkpoint, target);
                    TrainingFile kept = kept(checkpoint, target)) {
                scores.applyTo(builder);
                CollapseResult found = scores.search(() -> step.collapse(checkpoint, builder, cost, progress));
                searching.stop();
                if (stage.isPresent()) {
                    trained = Optional.of(
                            scores.attempt(() -> stage.get().run(found, Optional.ofNullable(kept), progress)));
                }
                result = trained.map(Trained::result)
                        .filter(PostTrainingResult::improved)
                        .map(training -> found.with(training.plan()))
                        .orElse(found);
                CollapseRecord unwritten = recorded(result, trained);
                if (!directories.noWrite()) {
                    written = Optional.of(scores.attempt(() -> writer.write(checkpoint, result, unwritten, target)));
                }
                record = written.map(WrittenCheckpoint::record).orElse(unwritten);
                scores.remove();
                if (kept != null) {
                    kept.remove();
                }
            }
            progress.close();
            StageTimes times = new StageTimes(
                    opening.elapsed(),
                    searching.elapsed(),
                    written.map(WrittenCheckpoint::writing).orElse(Duration.ZERO),
                    written.map(WrittenCheckpoint::verifying).orElse(Duration.ZERO));
            if (page.isGiven()) {
                String model = HubCache.nameOf(directories.source().toRealPath());
                page.write(directories, new CollapsePage(model, result, record, written, times, arguments).page());
            }
            new CollapseReport(result, record, written, steps, times, cost, trained.map(Trained::report)).print(report);
            page.page().ifPresent(file -> report.people().println("report       " + file));
        }
    }

    /** Returns null where there is no training, or nothing is written. */
    private TrainingFile kept(Checkpoint checkpoint, Path target) throws IOException {
        return healing.isEmpty() || directories.noWrite() ? null : healing.get().keep(checkpoint, target);
    }

    private static CollapseRecord recorded(CollapseResult result, Optional<Trained> trained) throws IOException {
        CollapseRecord record = CollapseRecord.of(result);
        return trained.isPresent() ? record.with(trained.get().record()) : record;
    }

    /** The journal of a search, if one is kept. */
    private record KeptScores(Optional<SearchJournal> journal) implements AutoCloseable {
        static KeptScores open(Optional<Journaling> how, Checkpoint checkpoint, Path target) throws IOException {
            return new KeptScores(how.isPresent() ? Optional.of(how.get().open(checkpoint, target)) : Optional.empty());
        }

        void applyTo(LayerCollapse.Builder builder) {
            journal.ifPresent(builder::journal);
        }

        /** Searches, and forgets the scores of one that would fail again: other settings are wanted, and a journal of their own. */
        CollapseResult search(Work<CollapseResult> search) throws IOException {
            try {
                return attempt(search);
            } catch (IllegalArgumentException | ArithmeticException | UnsupportedOperationException e) {
                if (journal.isPresent() && journal.get().known() == 0) {
                    remove();
                }
                throw e;
            }
        }

        /** Does something that may fail, and says with the error that the scores are not lost. */
        <T> T attempt(Work<T> work) throws IOException {
            try {
                return work.run();
            } catch (IllegalArgumentException | ArithmeticException | UnsupportedOperationException e) {
                // It would fail again.
                throw e;
            } catch (IOException | RuntimeException | Error e) {
                Advice.resume(e, journal.map(SearchJournal::kept).orElse(0));
                throw e;
            }
        }

        void remove() throws IOException {
            if (journal.isPresent()) {
                journal.get().remove();
            }
        }

        @Override
        public void close() throws IOException {
            if (journal.isPresent()) {
                journal.get().close();
            }
        }
    }
}
