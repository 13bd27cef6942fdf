package org.laco.cli.command;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.base.Stopwatch;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.laco.CollapseResult;
import org.laco.cli.command.TrainingStage.Trained;
import org.laco.cli.option.CalibrationOptions;
import org.laco.cli.option.ModelConverter;
import org.laco.cli.option.ReportOptions;
import org.laco.cli.option.SourceAndTarget;
import org.laco.cli.option.TrainingOptions;
import org.laco.cli.progress.Progress;
import org.laco.cli.report.HealReport;
import org.laco.io.Checkpoint;
import org.laco.io.CheckpointWriter;
import org.laco.io.Checkpoints;
import org.laco.io.CollapseRecord;
import org.laco.io.CollapsedCheckpoint;
import org.laco.io.PeftAdapter;
import org.laco.io.TrainingFile;
import org.laco.io.TrainingRecord;
import org.laco.io.WrittenCheckpoint;
import org.laco.stack.Calibration;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Trains a checkpoint that was collapsed before. */
@Command(
        name = "heal",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        header = "Train a collapsed checkpoint toward the original, and write the result.",
        footer = {
            "",
            "Examples:",
            "  laco heal SmolLM2-24 SmolLM2-24-healed --teacher SmolLM2-135M --text encyclopaedia.txt",
            "  laco heal SmolLM2-24 out --teacher SmolLM2-135M --text encyclopaedia.txt --train all --resume",
            "  laco heal SmolLM2-24 --teacher SmolLM2-135M --text news.txt --lora-rank 16 --adapters adapter",
            "",
            "Measure the result with 'laco evaluate' on a text that was not trained on."
        })
public final class HealCommand implements Callable<Integer> {
    @Spec
    private CommandSpec command;

    @Mixin
    private SourceAndTarget directories;

    @Option(
            names = "--teacher",
            paramLabel = "ORIGINAL",
            converter = ModelConverter.class,
            order = 1,
            description = "The checkpoint that MODEL was collapsed from. Only --loss next-token can do without.")
    private Path teacher;

    @Mixin
    private TrainingOptions training;

    @Option(
            names = "--adapters",
            paramLabel = "DIR",
            order = 130,
            description =
                    "With --lora-rank: write the adapters for MODEL there, in the format of PEFT, instead of OUT.")
    private Path adapters;

    @Option(
            names = "--write-unimproved",
            order = 131,
            description =
                    "Write OUT even if no step made the loss smaller: its weights are MODEL's then. Otherwise nothing "
                            + "is written in that case, which is no error.")
    private boolean writeUnimproved;

    @Option(
            names = "--resume",
            order = 132,
            description =
                    "Go on with a training that was cut off. Its state is kept in .OUT.laco-training beside OUT until "
                            + "OUT is complete; with the same models, texts and settings the result is that of a training that "
                            + "wasn't cut off. Without --resume such a file is an error, and with --force it is replaced.")
    private boolean resume;

    @Mixin
    private CalibrationOptions calibration;

    @Mixin
    private ReportOptions report;

    @Override
    public Integer call() throws IOException {
        checkOptions();
        Stopwatch opening = Stopwatch.createStarted();
        try (Checkpoint model = Checkpoints.open(directories.source());
                Checkpoint original = teacher == null ? null : Checkpoints.open(teacher);
                Progress progress = report.progress()) {
            run(model, Optional.ofNullable(original), progress, opening);
        }
        return ExitCode.OK;
    }

    private void checkOptions() {
        if (!training.isGiven()) {
            throw usage("Missing required option: '--text=FILE'");
        }
        if (teacher == null && training.needsOriginal()) {
            throw usage("Missing required option: '--teacher=ORIGINAL' (or --loss next-token)");
        }
        if (resume && directories.noWrite()) {
            throw usage("--resume goes on with what is kept beside OUT: leave --no-write out");
        }
        if (adapters == null) {
            directories.target();
            return;
        }
        if (directories.hasTarget() || directories.noWrite()) {
            throw usage("--adapters takes the place of OUT: leave OUT and --no-write out");
        }
        if (!training.trainsAdaptersAlone()) {
            throw usage(
                    "--adapters writes what --lora-rank trains and nothing else: give a rank, and leave --norms and --head out");
        }
    }

    private ParameterException usage(String message) {
        return new ParameterException(command.commandLine(), message);
    }

    private void run(Checkpoint model, Optional<Checkpoint> original, Progress progress, Stopwatch opening)
            throws IOException {
        checkTarget(model, original);
        TrainingStage stage = TrainingStage.open(training, command, model, original);
        progress.phase("comparing with the original");
        CollapsedCheckpoint collapsed = CollapsedCheckpoint.of(model, original, progress::share);
        if (training.trainsMergedLayers() && collapsed.mergedLayers().isEmpty()) {
            throw new IOException(
                    directories.source()
                            + " has no laco.json that tells its merged layers: choose the layers by --train last-N or --train all");
        }
        Optional<Calibration> sequences =
                adapters == null ? Optional.of(sequences(model, collapsed)) : Optional.empty();
        opening.stop();
        try (TrainingFile kept = kept(model, original)) {
            Trained trained = stage.run(collapsed::train, Optional.ofNullable(kept), progress);
            HealReport told = sequences.isPresent()
                    ? folded(collapsed, trained, sequences.get(), progress, opening)
                    : asAdapters(model, trained, original, opening);
            if (kept != null) {
                kept.remove();
            }
            progress.close();
            tell(collapsed, original, told);
        }
    }

    private void checkTarget(Checkpoint model, Optional<Checkpoint> original) throws IOException {
        if (adapters != null) {
            directories.requireNewOrForced(adapters);
        } else {
            directories.requireNewOrForced();
        }
        List<Checkpoint> inputs = original.isPresent() ? List.of(model, original.get()) : List.of(model);
        for (Checkpoint input : inputs) {
            if (adapters != null) {
                PeftAdapter.check(input, adapters, directories.force());
            } else if (!directories.noWrite()) {
                directories.writer(Progress.silent()).check(input, directories.target());
            }
        }
    }

    private Calibration sequences(Checkpoint model, CollapsedCheckpoint collapsed) throws IOException {
        return calibration.isGiven() || collapsed.calibration().isEmpty()
                ? calibration.read(model)
                : collapsed.calibration().get();
    }

    /** Returns null where nothing is written. */
    private TrainingFile kept(Checkpoint model, Optional<Checkpoint> original) throws IOException {
        return directories.noWrite()
                ? null
                : new KeptTrainings(resume, directories.force(), report)
                        .open(adapters == null ? directories.target() : adapters, model, original);
    }

    private HealReport folded(
            CollapsedCheckpoint collapsed, Trained trained, Calibration sequences, Progress progress, Stopwatch opening)
            throws IOException {
        CollapseResult result = collapsed.result(trained.result(), sequences);
        CollapseRecord record = collapsed.record(result).with(recorded(trained, collapsed.originalBesideBase()));
        Optional<WrittenCheckpoint> written = Optional.empty();
        if (!directories.noWrite() && (trained.result().improved() || writeUnimproved)) {
            CheckpointWriter writer = directories.writer(progress);
            written = Optional.of(writer.write(collapsed.base(), result, record, directories.target()));
        }
        return new HealReport(
                trained.report(),
                written.map(WrittenCheckpoint::record).orElse(record).toJson(),
                collapsed.base().location().orElseThrow(),
                written,
                Optional.empty(),
                opening.elapsed());
    }

    /** Names an original that the record isn't one of. */
    private TrainingRecord recorded(Trained trained, Optional<Checkpoint> original) throws IOException {
        return original.isPresent() && directories.checksums()
                ? trained.record().withOriginal(original.get().hashes())
                : trained.record();
    }

    private HealReport asAdapters(Checkpoint model, Trained trained, Optional<Checkpoint> original, Stopwatch opening)
            throws IOException {
        TrainingRecord record = recorded(trained, original);
        boolean improved = trained.result().improved();
        if (improved) {
            PeftAdapter.of(
                            model,
                            trained.result().adapters(),
                            training.adapters().orElseThrow())
                    .write(adapters, record, directories.force());
        }
        ObjectNode content = JsonNodeFactory.instance.objectNode();
        content.set("training", record.toJson());
        return new HealReport(
                trained.report(),
                content,
                directories.source(),
                Optional.empty(),
                improved ? Optional.of(adapters) : Optional.empty(),
                opening.elapsed());
    }

    private void tell(CollapsedCheckpoint collapsed, Optional<Checkpoint> original, HealReport told) {
        if (original.isPresent() && collapsed.difference().isPresent()) {
            report.people()
                    .println(
                            "MODEL isn't taken for what its record makes of the original, and no layer for one that both share: "
                                    + collapsed.difference().get());
        }
        if (!told.training().result().improved() && told.written().isEmpty() && !directories.noWrite()) {
            report.people()
                    .println("Nothing was written"
                            + (adapters == null ? " (--write-unimproved writes MODEL's weights to OUT)" : "") + ".");
        }
        told.print(report);
    }
}
