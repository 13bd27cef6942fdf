package org.laco.cli.command;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.laco.LayerCollapse;
import org.laco.cli.option.ClusterOptions;
import org.laco.cli.option.CostOptions;
import org.laco.cli.option.HealPrefix;
import org.laco.cli.option.JudgedSequences;
import org.laco.cli.option.MergeOptions;
import org.laco.cli.option.PageOption;
import org.laco.cli.option.RefitOptions;
import org.laco.cli.option.ReportOptions;
import org.laco.cli.option.SearchOptions;
import org.laco.cli.option.SourceAndTarget;
import org.laco.cli.option.TargetOptions;
import org.laco.cli.option.TrainingOptions;
import org.laco.cli.report.CostEstimateReport;
import org.laco.io.Checkpoint;
import org.laco.io.Checkpoints;
import org.laco.io.SearchJournal;
import org.laco.io.TrainingFile;
import org.laco.model.CausalModel;
import org.laco.search.CostEstimate;
import org.laco.stack.Calibration;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Searches a checkpoint for layers to merge and writes the result. */
@Command(
        name = "collapse",
        mixinStandardHelpOptions = true,
        modelTransformer = HealPrefix.class,
        sortOptions = false,
        header = "Search for layers to merge, and write a checkpoint of fewer layers.",
        footer = {
            "",
            "Examples:",
            "  laco collapse SmolLM2-135M SmolLM2-collapsed --threshold 0.65",
            "  laco collapse SmolLM2-135M SmolLM2-24 --target-layers 24 --calibration-text encyclopaedia.txt --refit",
            "  laco collapse SmolLM2-135M SmolLM2-24 --target-layers 24 --heal-text encyclopaedia.txt",
            "  laco collapse Llama-2-7b Llama-2-24 --target-layers 24 --resume",
            "  laco collapse SmolLM2-135M SmolLM2-24 --target-layers 24 --questions arc_easy.jsonl",
            "  laco collapse /shared/Llama-2-70b /shared/Llama-2-60 --target-layers 60 --spark spark://host:7077",
            "  laco collapse SmolLM2-135M --no-write --json --calibration sentences.txt > plan.json",
            "  laco collapse Llama-2-7b --memory 3GB --dry-run",
            "",
            "The threshold protects the calibration sequences only: measure the result with 'laco evaluate'."
        })
public final class CollapseCommand implements Callable<Integer>, HealPrefix.Heals {
    @Spec
    private CommandSpec command;

    @Mixin
    private SourceAndTarget directories;

    @Option(
            names = "--resume",
            order = 44,
            description =
                    "Go on with a search that was cut off. What a search measures is kept in .OUT.laco-journal beside "
                            + "OUT until OUT is complete; with the same model, texts and settings none of it is measured again, and "
                            + "the result is that of a search that wasn't cut off. Without --resume such a file is an error, "
                            + "and with --force it is replaced.")
    private boolean resume;

    @ArgGroup(validate = false, heading = "%nThe search:%n", order = 1)
    private SearchOptions search = new SearchOptions();

    @ArgGroup(validate = false, heading = "%nA target instead of a threshold:%n", order = 2)
    private TargetOptions target = new TargetOptions();

    @ArgGroup(validate = false, heading = "%nThe refit:%n", order = 4)
    private RefitOptions refit = new RefitOptions();

    @ArgGroup(validate = false, heading = "%nThe merge:%n", order = 5)
    private MergeOptions merge = new MergeOptions();

    @ArgGroup(validate = false, heading = "%nThe measure:%n", order = 6)
    private JudgedSequences judged = new JudgedSequences();

    @ArgGroup(validate = false, heading = "%nMemory and cost:%n", order = 7)
    private CostOptions costs = new CostOptions();

    @Mixin
    private ClusterOptions cluster;

    /** Options under other names, which {@link HealPrefix} gives them. */
    private final TrainingOptions heal = new TrainingOptions();

    @Mixin
    private PageOption page;

    @Mixin
    private ReportOptions report;

    @Override
    public TrainingOptions heal() {
        return heal;
    }

    @Override
    public Integer call() throws IOException {
        checkObjective();
        if (costs.dryRun()) {
            if (page.isGiven()) {
                throw new ParameterException(
                        command.commandLine(),
                        "--report tells of a collapse, which --dry-run leaves out: give one of them");
            }
            printEstimate();
            return ExitCode.OK;
        }
        if (resume && directories.noWrite()) {
            throw new ParameterException(
                    command.commandLine(), "--resume goes on with what is kept beside OUT: leave --no-write out");
        }
        CollapseExecution execution =
                new CollapseExecution(directories, this::sequences, report, page, arguments()).journaled(this::journal);
        try (ClusterOptions.Connection machines = cluster.connect()) {
            (heal.isGiven() ? execution.healed(new Healing()) : execution)
                    .run((checkpoint, builder, cost, progress) -> {
                        machines.evaluator(checkpoint).ifPresent(builder::evaluator);
                        LayerCollapse collapse = configure(builder, checkpoint);
                        cost.estimate(collapse, checkpoint.model());
                        cost.estimate().ifPresent(estimate -> progress.expect(estimate.layerRuns()));
                        return collapse.apply(checkpoint.model());
                    });
        }
        return ExitCode.OK;
    }

    private List<String> arguments() {
        return command.root().commandLine().getParseResult().originalArgs();
    }

    private void checkObjective() {
        try {
            judged.check();
            target.checkObjective(judged.hasQuestions());
        } catch (IllegalArgumentException e) {
            throw new ParameterException(command.commandLine(), e.getMessage(), e);
        }
    }

    /** The training, toward the model that is collapsed. */
    private final class Healing implements CollapseExecution.Healing {
        @Override
        public TrainingStage open(Checkpoint checkpoint) throws IOException {
            return TrainingStage.open(heal, command, checkpoint, Optional.empty());
        }

        @Override
        public TrainingFile keep(Checkpoint checkpoint, Path target) throws IOException {
            return new KeptTrainings(resume, directories.force(), report).open(target, checkpoint, Optional.empty());
        }
    }

    private SearchJournal journal(Checkpoint checkpoint, Path target) throws IOException {
        if (!resume) {
            return directories.force()
                    ? SearchJournal.replace(checkpoint, target)
                    : SearchJournal.create(checkpoint, target);
        }
        SearchJournal journal = SearchJournal.resume(checkpoint, target);
        report.people().println("resuming after " + journal.known() + " scores");
        return journal;
    }

    private Calibration sequences(Checkpoint checkpoint) throws IOException {
        return judged.read(checkpoint, refit);
    }

    private void printEstimate() throws IOException {
        try (Checkpoint checkpoint = Checkpoints.open(directories.source())) {
            Calibration sequences = sequences(checkpoint);
            LayerCollapse collapse = configure(LayerCollapse.builder().calibration(sequences), checkpoint);
            CostEstimate estimate = estimate(collapse, checkpoint.model());
            CostEstimateReport.of(estimate, checkpoint.model(), sequences).print(report);
        }
    }

    private CostEstimate estimate(LayerCollapse collapse, CausalModel model) {
        return collapse.estimateCost(model)
                .orElseThrow(() -> new ParameterException(
                        command.commandLine(), "only the cost of the paper's schedule is known before it is run"));
    }

    private LayerCollapse configure(LayerCollapse.Builder builder, Checkpoint checkpoint) throws IOException {
        refit.applyTo(builder, checkpoint, target.searchFit(), judged.fitted());
        merge.applyTo(builder);
        costs.applyTo(builder);
        return configure(builder, checkpoint.model().layerCount());
    }

    private LayerCollapse configure(LayerCollapse.Builder builder, int layers) {
        try {
            search.applyTo(builder, layers);
            target.applyTo(builder);
            judged.applyTo(builder);
            return builder.build();
        } catch (IllegalArgumentException | IllegalStateException e) {
            throw new ParameterException(command.commandLine(), e.getMessage(), e);
        }
    }
}
