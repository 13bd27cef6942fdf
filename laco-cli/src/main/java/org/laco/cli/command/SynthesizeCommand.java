package org.laco.cli.command;

import com.google.common.base.Stopwatch;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.concurrent.Callable;
import org.laco.cli.option.ShardOptions;
import org.laco.cli.progress.Progress;
import org.laco.cli.report.Quantity;
import org.laco.synthesize.KnownShape;
import org.laco.synthesize.SyntheticCheckpoint;
import org.nd4j.linalg.api.buffer.DataType;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Writes a checkpoint of random weights. */
@Command(
        name = "synthesize",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        header = "Write a checkpoint of a real model's shape with random weights, to measure time and memory.",
        footer = {
            "",
            "Example:",
            "  laco synthesize random-7b --like llama-2-7b --layers 8",
            "",
            "There is no tokenizer: calibrate with lines of {\"input_ids\": […]}."
        })
public final class SynthesizeCommand implements Callable<Integer> {
    /** How weights are stored. */
    enum Type {
        BF16(DataType.BFLOAT16),
        F32(DataType.FLOAT);

        private final DataType type;

        Type(DataType type) {
            this.type = type;
        }
    }

    @Spec
    private CommandSpec command;

    @Parameters(index = "0", paramLabel = "OUT", description = "The directory to write, which must not exist.")
    private Path target;

    @Option(
            names = "--like",
            paramLabel = "SHAPE",
            required = true,
            order = 1,
            completionCandidates = ShapeNames.class,
            description = "The shape, one of ${COMPLETION-CANDIDATES}.")
    private String like;

    @Option(
            names = "--layers",
            paramLabel = "N",
            order = 2,
            description = "The number of layers. Default: the shape's.")
    private Integer layers;

    @Option(
            names = "--seed",
            paramLabel = "S",
            order = 3,
            defaultValue = "0",
            description = "Chooses the weights. Default: 0.")
    private long seed;

    @Option(
            names = "--dtype",
            paramLabel = "TYPE",
            order = 4,
            defaultValue = "bf16",
            description = "The type of the weights, bf16 or f32. Default: bf16.")
    private Type dtype;

    @Mixin
    private ShardOptions shards;

    @Override
    public Integer call() throws IOException {
        Stopwatch watch = Stopwatch.createStarted();
        SyntheticCheckpoint checkpoint = new SyntheticCheckpoint(shape(), dtype.type, seed, shards.maxBytes());
        long bytes;
        try (Progress progress = Progress.shown(command.commandLine().getErr())) {
            progress.phase("writing " + target);
            bytes = checkpoint.write(target, progress::share);
        }
        command.commandLine()
                .getOut()
                .println("written " + target + ", " + Quantity.bytes(bytes) + " in "
                        + Quantity.seconds(watch.elapsed()));
        return ExitCode.OK;
    }

    private KnownShape shape() {
        try {
            KnownShape shape = KnownShape.named(like);
            return layers == null ? shape : shape.withLayers(layers);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(command.commandLine(), e.getMessage(), e);
        }
    }

    private static final class ShapeNames implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return KnownShape.all().stream().map(KnownShape::name).iterator();
        }
    }
}
