package org.laco.cli.command;

import com.google.common.base.Stopwatch;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.laco.CollapseResult;
import org.laco.LayerCollapse;
import org.laco.cli.option.CalibrationOptions;
import org.laco.cli.option.ReportOptions;
import org.laco.cli.option.SourceAndTarget;
import org.laco.cli.progress.CostCount;
import org.laco.cli.progress.Progress;
import org.laco.cli.report.CollapseReport;
import org.laco.cli.report.StageTimes;
import org.laco.io.Checkpoint;
import org.laco.io.CheckpointWriter;
import org.laco.io.Checkpoints;
import org.laco.io.CollapseRecord;
import org.laco.io.WrittenCheckpoint;
import org.laco.stack.Calibration;

/** Opens a checkpoint, makes it shallower in some way, writes the result and reports: what several commands have in common. */
final class CollapseExecution {
    /** The way in which layers are chosen. */
    interface Step {
        CollapseResult collapse(Checkpoint checkpoint, LayerCollapse.Builder builder, CostCount cost)
                throws IOException;
    }

    private final SourceAndTarget directories;
    private final CalibrationOptions calibrationOptions;
    private final ReportOptions report;

    CollapseExecution(SourceAndTarget directories, CalibrationOptions calibrationOptions, ReportOptions report) {
        this.directories = directories;
        this.calibrationOptions = calibrationOptions;
        this.report = report;
    }

    void run(Step step) throws IOException {
        Path target = directories.target();
        CheckpointWriter writer = directories.writer();
        Stopwatch opening = Stopwatch.createStarted();
        try (Checkpoint checkpoint = Checkpoints.open(directories.source());
                Progress progress = report.progress()) {
            if (!directories.noWrite()) {
                directories.requireNewOrForced();
                writer.check(checkpoint, target);
            }
            Calibration calibration = calibrationOptions.read(checkpoint);
            opening.stop();
            Stopwatch searching = Stopwatch.createStarted();
            CostCount cost = new CostCount();
            CollapseResult result = step.collapse(
                    checkpoint,
                    LayerCollapse.builder().calibration(calibration).listener(cost.andThen(progress)),
                    cost);
            searching.stop();
            Optional<WrittenCheckpoint> written = Optional.empty();
            if (!directories.noWrite()) {
                progress.phase("writing " + target);
                written = Optional.of(writer.write(checkpoint, result, target));
            }
            progress.close();
            CollapseRecord record = written.isPresent() ? written.get().record() : CollapseRecord.of(result);
            StageTimes times = new StageTimes(
                    opening.elapsed(),
                    searching.elapsed(),
                    written.map(WrittenCheckpoint::writing).orElse(Duration.ZERO),
                    written.map(WrittenCheckpoint::verifying).orElse(Duration.ZERO));
            new CollapseReport(result, record, written, times, cost).print(report);
        }
    }
}
