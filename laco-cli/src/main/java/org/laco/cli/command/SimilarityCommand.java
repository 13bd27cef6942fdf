package org.laco.cli.command;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.laco.cli.option.CalibrationOptions;
import org.laco.cli.option.ModelConverter;
import org.laco.cli.option.ReportOptions;
import org.laco.cli.progress.Progress;
import org.laco.io.Checkpoint;
import org.laco.io.Checkpoints;
import org.laco.io.HubCache;
import org.laco.measure.LayerSimilarity;
import org.laco.measure.MeasureSettings;
import org.laco.measure.ParameterSimilarity;
import org.laco.output.OutputDirectory;
import org.laco.similarity.SimilarityReport;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Measures how alike the layers of a model are. */
@Command(
        name = "similarity",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        header =
                "Measure how little each layer and each run of layers changes hidden states, and how alike weights are.",
        footer = {
            "",
            "Writes layers.csv, angular-last.csv, angular-all.csv and parameters.csv, with heatmaps as SVG, and similarity.html.",
            "",
            "Example:",
            "  laco similarity SmolLM2-135M similarity --calibration encyclopaedia.txt"
        })
public final class SimilarityCommand implements Callable<Integer> {
    @Parameters(
            index = "0",
            paramLabel = "MODEL",
            converter = ModelConverter.class,
            description = "The checkpoint's directory or id.")
    private Path source;

    @Parameters(index = "1", paramLabel = "OUT", description = "The directory to write to.")
    private Path target;

    @Mixin
    private CalibrationOptions calibration;

    @Mixin
    private ReportOptions report;

    @Override
    public Integer call() throws IOException {
        try (Checkpoint checkpoint = Checkpoints.open(source);
                OutputDirectory output = OutputDirectory.open(target, source);
                Progress progress = report.progress()) {
            MeasureSettings settings = MeasureSettings.defaults().withListener(progress::share);
            progress.phase("hidden states");
            LayerSimilarity hidden =
                    LayerSimilarity.measure(checkpoint.model(), calibration.read(checkpoint), settings);
            progress.phase("weights");
            ParameterSimilarity parameters = ParameterSimilarity.measure(checkpoint.model(), settings);
            progress.close();
            output.write(SimilarityReport.files(HubCache.nameOf(source.toRealPath()), hidden, parameters));
            report.people().println("written to " + target.resolve("similarity.html"));
        }
        return ExitCode.OK;
    }
}
