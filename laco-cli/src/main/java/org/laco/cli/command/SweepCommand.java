package org.laco.cli.command;

import com.google.common.base.Stopwatch;
import com.google.common.collect.ImmutableList;
import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import com.google.common.io.MoreFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import org.laco.cli.option.ClusterOptions;
import org.laco.cli.option.HealPrefix;
import org.laco.cli.option.ModelConverter;
import org.laco.cli.option.ReportOptions;
import org.laco.cli.option.SearchNames;
import org.laco.cli.option.SweepTextOptions;
import org.laco.cli.option.TrainingOptions;
import org.laco.cli.progress.Progress;
import org.laco.cli.report.Advice;
import org.laco.cli.report.Quantity;
import org.laco.io.Checkpoint;
import org.laco.io.Checkpoints;
import org.laco.io.CollapseRecord;
import org.laco.io.HubCache;
import org.laco.io.TrainingFile;
import org.laco.output.OutputDirectory;
import org.laco.sweep.Sweep;
import org.laco.sweep.SweepMethod;
import org.laco.sweep.SweepPoint;
import org.laco.sweep.SweepReport;
import org.laco.sweep.SweepTraining;
import org.laco.train.PostTrainingResult;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Compares searches at several sizes of the result. */
@Command(
        name = "sweep",
        modelTransformer = HealPrefix.class,
        mixinStandardHelpOptions = true,
        sortOptions = false,
        header = "Compare searches at several sizes of the result, and write tables, plots and one page.",
        footer = {
            "",
            "A sweep that was stopped goes on where it was when it is started again with the same options. Points that",
            "are there stay; what the searches have measured is in .OUT.laco-journal beside OUT until the sweep is complete.",
            "",
            "Example:",
            "  laco sweep SmolLM2-135M out --layers 27,24,21 --searches runs+refit,greedy,shortgpt,replaceme \\",
            "      --calibration encyclopaedia.txt --text held-out.txt --text news.txt"
        })
public final class SweepCommand implements Callable<Integer>, HealPrefix.Heals {
    @Spec
    private CommandSpec command;

    @Parameters(
            index = "0",
            paramLabel = "MODEL",
            converter = ModelConverter.class,
            description = "The checkpoint's directory or id.")
    private Path source;

    @Parameters(index = "1", paramLabel = "OUT", description = "Where points and results are kept.")
    private Path target;

    @Option(
            names = "--ratios",
            split = ",",
            paramLabel = "R",
            order = 1,
            description = "The shares of layers to remove, such as 0.1,0.2,0.3; rounded to whole layers.")
    private List<Double> ratios = List.of();

    @Option(
            names = "--layers",
            split = ",",
            paramLabel = "N",
            order = 2,
            description = "The numbers of layers of the results, instead of shares.")
    private List<Integer> layers = List.of();

    @Option(
            names = "--searches",
            split = ",",
            paramLabel = "NAME",
            order = 3,
            completionCandidates = SearchNames.class,
            description =
                    "The searches, each one of ${COMPLETION-CANDIDATES}; NAME+refit fits what NAME merged, NAME+linearpatch and "
                            + "NAME+ghosted add a matrix where NAME left layers out, to measure what can't be written, and "
                            + "NAME+linearpatch-folded scales by what of it can be. Default: all, without a refit, and these three of "
                            + "streamline.")
    private List<String> searches = List.of();

    @Option(names = "--refit", order = 4, description = "Run the searches runs and greedy with a refit too.")
    private boolean refit;

    @Option(
            names = "--resume",
            order = 5,
            description = "Go on with a sweep that was cut off, which a sweep does in any case.")
    private boolean resume;

    @Mixin
    private SweepTextOptions texts;

    @Mixin
    private ClusterOptions cluster;

    /** Options under other names, which {@link HealPrefix} gives them. */
    private final TrainingOptions heal = new TrainingOptions();

    @Mixin
    private ReportOptions report;

    @Override
    public TrainingOptions heal() {
        return heal;
    }

    @Override
    public Integer call() throws IOException {
        texts.check();
        if (!heal.curves().isEmpty()) {
            throw new ParameterException(
                    command.commandLine(),
                    "A sweep trains each result: use heal or collapse for the loss curve of one, not --heal-loss-curve");
        }
        if (ratios.isEmpty() == layers.isEmpty()) {
            throw new ParameterException(command.commandLine(), "Give either --ratios or --layers");
        }
        for (double ratio : ratios) {
            if (!(ratio > 0 && ratio < 1)) {
                throw new ParameterException(
                        command.commandLine(), "--ratios needs shares above 0 and below 1, not " + ratio);
            }
        }
        for (int count : layers) {
            if (count < 1) {
                throw new ParameterException(command.commandLine(), "--layers needs at least 1 layer, not " + count);
            }
        }
        ImmutableList<SweepMethod> methods = methods();
        Stopwatch watch = Stopwatch.createStarted();
        try (Checkpoint checkpoint = Checkpoints.open(source);
                ClusterOptions.Connection machines = cluster.connect();
                OutputDirectory output = OutputDirectory.open(target, source);
                Progress progress = report.progress()) {
            List<Integer> targets = targets(checkpoint.model().layerCount());
            progress.phase("hashing the model");
            Map<String, String> settings = settings(checkpoint);
            Optional<TrainingStage> stage = stage(checkpoint);
            if (stage.isPresent()) {
                settings.put("training", stage.get().description());
            }
            List<SweepPoint> points;
            try (Sweep sweep = Sweep.open(
                    texts.inputs(checkpoint),
                    target,
                    settings,
                    stage.map(chosen -> training(chosen, checkpoint, progress)),
                    machines.evaluator(checkpoint),
                    progress,
                    progress::phase)) {
                points = run(sweep, methods, targets);
                progress.close();
                SweepReport.write(target, settings, points);
                sweep.complete();
            }
            SweepReport.table(points).forEach(row -> report.people().println(String.join("  ", row)));
            report.people()
                    .println("this run took " + Quantity.seconds(watch.elapsed()) + "; all points together "
                            + SweepReport.times(points));
            report.people().println("written to " + target.resolve("sweep.html"));
            if (report.json()) {
                report.program()
                        .println(MoreFiles.asCharSource(target.resolve("sweep.json"), StandardCharsets.UTF_8)
                                .read());
            }
        }
        return ExitCode.OK;
    }

    private Optional<TrainingStage> stage(Checkpoint checkpoint) throws IOException {
        return heal.isGiven()
                ? Optional.of(TrainingStage.open(heal, command, checkpoint, Optional.empty()))
                : Optional.empty();
    }

    /** Keeps the state of each training till it is complete. */
    private static SweepTraining training(TrainingStage stage, Checkpoint checkpoint, Progress progress) {
        return (found, point) -> {
            try (TrainingFile kept = TrainingFile.resume(point, checkpoint, Optional.empty())) {
                PostTrainingResult result =
                        stage.run(found, Optional.of(kept), progress).result();
                kept.remove();
                return result;
            }
        };
    }

    /** Runs a sweep, and says with an error that the scores are not lost. */
    private List<SweepPoint> run(Sweep sweep, List<SweepMethod> methods, List<Integer> targets) throws IOException {
        if (sweep.known() > 0) {
            report.people().println("resuming after " + sweep.known() + " scores");
        }
        try {
            return sweep.run(methods, targets);
        } catch (IllegalArgumentException e) {
            // It would fail again.
            throw e;
        } catch (IOException | RuntimeException | Error e) {
            Advice.resume(e, sweep.kept());
            throw e;
        }
    }

    private ImmutableList<SweepMethod> methods() {
        Set<SweepMethod> methods = new LinkedHashSet<>();
        try {
            for (String name : searches.isEmpty() ? SweepMethod.all() : searches) {
                SweepMethod method = SweepMethod.named(name);
                methods.add(method);
                if (refit && method.isOwn()) {
                    methods.add(method.withRefit());
                }
            }
        } catch (IllegalArgumentException e) {
            throw new ParameterException(command.commandLine(), e.getMessage(), e);
        }
        return ImmutableList.copyOf(methods);
    }

    private List<Integer> targets(int modelLayers) {
        for (int count : layers) {
            if (count >= modelLayers) {
                throw new IllegalArgumentException(
                        "--layers " + count + " leaves nothing to remove of the model's " + modelLayers + " layers");
            }
        }
        return layers.isEmpty()
                ? ratios.stream()
                        .map(ratio -> target(ratio, modelLayers))
                        .distinct()
                        .toList()
                : layers;
    }

    private static int target(double ratio, int modelLayers) {
        int removed = (int) Math.round(ratio * modelLayers);
        if (removed == 0 || removed == modelLayers) {
            throw new IllegalArgumentException("--ratios " + ratio + " of the model's " + modelLayers + " layers is "
                    + (removed == 0 ? "no layer" : "all of them"));
        }
        return modelLayers - removed;
    }

    /** What a point depends on besides its method and size. */
    private Map<String, String> settings(Checkpoint checkpoint) throws IOException {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("model", HubCache.nameOf(source.toRealPath()) + " (sha256 " + fingerprint(checkpoint) + ")");
        settings.put("laco", CollapseRecord.version());
        texts.describe(settings);
        return settings;
    }

    /** Directories are often named alike, and trained on under the same name: every file counts. */
    private static String fingerprint(Checkpoint checkpoint) throws IOException {
        Hasher hasher = Hashing.sha256().newHasher();
        checkpoint
                .hashes()
                .forEach((name, hash) -> hasher.putString(name + '\n' + hash + '\n', StandardCharsets.UTF_8));
        return hasher.hash().toString().substring(0, 12);
    }
}
