package org.laco.cli.command;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.laco.cli.option.ModelConverter;
import org.laco.cli.report.OutlineJson;
import org.laco.cli.report.OutlineText;
import org.laco.io.HfCheckpoint;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Shows what a checkpoint is, from its headers. */
@Command(
        name = "inspect",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        header = "Show layers, shapes, types, shards and what a merge could touch; reads headers only.")
public final class InspectCommand implements Callable<Integer> {
    @Spec
    private CommandSpec command;

    @Parameters(
            index = "0",
            paramLabel = "MODEL",
            converter = ModelConverter.class,
            description = "The checkpoint's directory or id.")
    private Path source;

    @Option(names = "--tensors", description = "List every tensor instead of one layer of each kind.")
    private boolean everyTensor;

    @Option(names = "--json", description = "Print one JSON object, with every tensor.")
    private boolean json;

    @Override
    public Integer call() throws IOException {
        try (HfCheckpoint checkpoint = HfCheckpoint.open(source)) {
            if (json) {
                command.commandLine()
                        .getOut()
                        .println(new OutlineJson(checkpoint).encode().toPrettyString());
            } else {
                new OutlineText(checkpoint, command.commandLine().getOut()).print(everyTensor);
            }
        }
        return ExitCode.OK;
    }
}
