package org.laco.examples.cli;

import java.io.IOException;
import java.util.concurrent.Callable;
import org.laco.LayerCollapse;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Searches a checkpoint for layers to merge and writes the result. */
@Command(
        name = "collapse",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        header = "Search for layers to merge, and write a checkpoint of fewer layers.",
        footer = {
            "",
            "Examples:",
            "  laco collapse SmolLM2-135M SmolLM2-collapsed --threshold 0.65",
            "  laco collapse SmolLM2-135M SmolLM2-24 --target-layers 24 --refit --refit-text encyclopaedia.txt",
            "  laco collapse SmolLM2-135M --dry-run --json --calibration sentences.txt > plan.json",
            "",
            "The threshold protects the calibration sequences only: measure the result with 'laco evaluate'."
        })
final class CollapseCommand implements Callable<Integer> {
    @Spec
    private CommandSpec command;

    @Mixin
    private SourceAndTarget directories;

    @ArgGroup(validate = false, heading = "%nThe search:%n", order = 1)
    private SearchOptions search = new SearchOptions();

    @ArgGroup(validate = false, heading = "%nA target instead of a threshold:%n", order = 2)
    private TargetOptions target = new TargetOptions();

    @ArgGroup(validate = false, heading = "%nThe refit:%n", order = 4)
    private RefitOptions refit = new RefitOptions();

    @ArgGroup(validate = false, heading = "%nThe merge:%n", order = 5)
    private MergeOptions merge = new MergeOptions();

    @ArgGroup(validate = false, heading = "%nThe measure:%n", order = 6)
    private CalibrationOptions calibration = new CalibrationOptions();

    @Mixin
    private ReportOptions report;

    @Override
    public Integer call() throws IOException {
        new CollapseRun(directories, calibration, report).run((checkpoint, builder) -> {
            refit.applyTo(builder, checkpoint);
            merge.applyTo(builder);
            return configure(builder, checkpoint.model().layerCount()).apply(checkpoint.model());
        });
        return ExitCode.OK;
    }

    private LayerCollapse configure(LayerCollapse.Builder builder, int layers) {
        try {
            search.applyTo(builder, layers);
            target.applyTo(builder);
            return builder.build();
        } catch (IllegalArgumentException | IllegalStateException e) {
            throw new ParameterException(command.commandLine(), e.getMessage(), e);
        }
    }
}
