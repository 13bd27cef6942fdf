package org.laco.cli.command;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.laco.cli.option.CalibrationTextOptions;
import org.laco.cli.option.PageOption;
import org.laco.cli.option.RefitOptions;
import org.laco.cli.option.ReportOptions;
import org.laco.cli.option.SourceAndTarget;
import org.laco.cli.option.TextConverter;
import org.laco.fit.Fit;
import org.laco.fit.GapGain;
import org.laco.io.PlanJson;
import org.laco.plan.ClosedForm;
import org.laco.plan.CollapsePlan;
import org.laco.plan.FittedLayer;
import org.laco.plan.FittedTensor;
import org.laco.plan.Provenance;
import org.laco.plan.Training;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Applies a plan that was found before, or made by hand. */
@Command(
        name = "apply",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        header = "Apply a plan that was found before, without searching.",
        footer = {
            "",
            "A plan names the source layers of each layer of the result:",
            "  {\"originalLayers\": 4, \"layers\": [0, 1, {\"merge\": [2, 3], \"rule\": \"telescoped\"}]}",
            "",
            "Example:",
            "  laco apply SmolLM2-135M-float32 out --plan SmolLM2-collapsed/laco.json"
        })
public final class ApplyCommand implements Callable<Integer> {
    @Spec
    private CommandSpec command;

    @Mixin
    private SourceAndTarget directories;

    @Option(
            names = "--plan",
            paramLabel = "FILE",
            converter = TextConverter.class,
            required = true,
            order = 5,
            description = "A plan, the laco.json of a collapsed checkpoint, or what 'collapse --json' printed.")
    private Path plan;

    @ArgGroup(
            validate = false,
            heading = "%nThe refit, without which a plan with fitted weights can't be applied:%n",
            order = 2)
    private RefitOptions refit = new RefitOptions();

    @ArgGroup(validate = false, heading = "%nThe measure:%n", order = 3)
    private CalibrationTextOptions calibration = new CalibrationTextOptions();

    @Mixin
    private PageOption page;

    @Mixin
    private ReportOptions report;

    @Override
    public Integer call() throws IOException {
        try {
            calibration.check();
        } catch (IllegalArgumentException e) {
            throw new ParameterException(command.commandLine(), e.getMessage(), e);
        }
        CollapsePlan read = new PlanJson().read(plan);
        if (refit.isGiven() && provenances(read).anyMatch(Training.class::isInstance)) {
            report.people().println("the plan's trained weights are left out: 'laco heal' trains the result again");
        }
        new CollapseExecution(directories, checkpoint -> calibration.read(checkpoint, refit), report, page, arguments())
                .run((checkpoint, builder, cost, progress) -> {
                    refit.applyTo(builder, checkpoint, fitOf(read), calibration.fitted());
                    return builder.build().replay(checkpoint.model(), read);
                });
        return ExitCode.OK;
    }

    private List<String> arguments() {
        return command.root().commandLine().getParseResult().originalArgs();
    }

    private static Stream<Provenance> provenances(CollapsePlan plan) {
        return plan.layers().stream()
                .flatMap(layer -> layer instanceof FittedLayer fitted
                        ? fitted.tensors().values().stream().map(FittedTensor::provenance)
                        : Stream.empty());
    }

    /** Returns the fit that a plan's weights were made by, empty for the fit of whole maps. */
    private static Optional<Fit> fitOf(CollapsePlan plan) {
        return provenances(plan)
                .flatMap(made -> made instanceof ClosedForm how ? Stream.of(how) : Stream.empty())
                .findFirst()
                .flatMap(how -> switch (how.method()) {
                    case "replaceme" -> Optional.of(Fit.replaceMe(how.ridge()));
                    case "transform" -> Optional.of(Fit.transform());
                    case GapGain.NAME ->
                        throw new IllegalArgumentException(
                                "the plan's layers were scaled by LinearPatch's gain, which 'laco apply' doesn't fold in: in Java, GapGain does");
                    default -> Optional.empty();
                });
    }
}
