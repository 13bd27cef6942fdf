package org.laco.cli.command;

import com.google.common.base.Stopwatch;
import com.google.common.io.MoreFiles;
import com.google.common.io.RecursiveDeleteOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.laco.CollapseResult;
import org.laco.LayerCollapse;
import org.laco.cli.option.ReportOptions;
import org.laco.cli.progress.CostCount;
import org.laco.cli.progress.Progress;
import org.laco.cli.progress.StageProgress;
import org.laco.cli.report.CollapseReport;
import org.laco.cli.report.DemoReport;
import org.laco.cli.report.Quality;
import org.laco.cli.report.StageTimes;
import org.laco.cli.report.StepTable;
import org.laco.examples.EmbeddedModel;
import org.laco.io.CalibrationFile;
import org.laco.io.Checkpoint;
import org.laco.io.CheckpointWriter;
import org.laco.io.Checkpoints;
import org.laco.io.WrittenCheckpoint;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Collapses the embedded model and shows what that did to it. */
@Command(
        name = "demo",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        header = "Collapse the small model that comes with laco, and measure what that did to it.")
public final class DemoCommand implements Callable<Integer> {
    // Of the settings listed with the model, those that remove a third of its layers for the least loss.
    private static final int LAYERS_PER_MERGE = 3;
    private static final int INTERVAL = 1;
    private static final double THRESHOLD = 0.9;

    @Parameters(
            index = "0",
            arity = "0..1",
            paramLabel = "OUT",
            description = "The directory to write, which must not exist. Default: laco-demo, or laco-demo-2, ….")
    private Path target;

    @Mixin
    private ReportOptions report;

    @Override
    public Integer call() throws IOException {
        Path temporary = Files.createTempDirectory("laco-demo");
        try {
            run(EmbeddedModel.extractTo(temporary), target == null ? freshDirectory() : target);
        } finally {
            MoreFiles.deleteRecursively(temporary, RecursiveDeleteOption.ALLOW_INSECURE);
        }
        return ExitCode.OK;
    }

    private static Path freshDirectory() {
        Path directory = Path.of("laco-demo");
        for (int i = 2; Files.exists(directory); i++) {
            directory = Path.of("laco-demo-" + i);
        }
        return directory;
    }

    private void run(EmbeddedModel embedded, Path output) throws IOException {
        StepTable steps = new StepTable(report.people());
        try (Progress progress = report.progress(steps);
                Checkpoint checkpoint = Checkpoints.open(embedded.model())) {
            CheckpointWriter writer = CheckpointWriter.builder()
                    .listener(new StageProgress(progress, output.toString()))
                    .build();
            writer.check(checkpoint, output);
            Stopwatch searching = Stopwatch.createStarted();
            CollapseResult result = LayerCollapse.builder()
                    .layersPerMerge(LAYERS_PER_MERGE)
                    .interval(INTERVAL)
                    .threshold(THRESHOLD)
                    .calibration(CalibrationFile.read(embedded.calibration(), checkpoint))
                    .listener(progress)
                    .build()
                    .apply(checkpoint.model());
            searching.stop();
            WrittenCheckpoint written = writer.write(checkpoint, result, output);
            StageTimes times =
                    new StageTimes(Duration.ZERO, searching.elapsed(), written.writing(), written.verifying());
            Quality before = Quality.of(checkpoint, embedded, progress);
            Quality after;
            try (Checkpoint collapsed = Checkpoints.open(output)) {
                after = Quality.of(collapsed, embedded, progress);
            }
            progress.close();
            new DemoReport(
                            new CollapseReport(
                                    result,
                                    written.record(),
                                    Optional.of(written),
                                    steps,
                                    times,
                                    new CostCount(),
                                    Optional.empty()),
                            before,
                            after)
                    .print(report);
        }
    }
}
