package org.laco.cli.command;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.primitives.Ints;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.laco.cli.option.ModelConverter;
import org.laco.io.Checkpoint;
import org.laco.io.Checkpoints;
import org.laco.model.GreedyGenerator;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Lets a model go on with a text. */
@Command(
        name = "generate",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        header = "Continue a prompt with the likeliest token at each step.",
        footer = {"", "Example:", "  laco generate SmolLM2-135M --prompt \"The capital of France is\""})
public final class GenerateCommand implements Callable<Integer> {
    @Spec
    private CommandSpec command;

    @Parameters(
            index = "0",
            paramLabel = "MODEL",
            converter = ModelConverter.class,
            description = "The checkpoint's directory or id.")
    private Path source;

    @Option(names = "--prompt", paramLabel = "TEXT", required = true, description = "What the text begins with.")
    private String prompt;

    @Option(
            names = "--tokens",
            paramLabel = "N",
            defaultValue = "32",
            description = "How many tokens are added at most. Default: ${DEFAULT-VALUE}.")
    private int tokens;

    @Option(names = "--json", description = "Print one JSON object with the added token ids and their text.")
    private boolean json;

    @Override
    public Integer call() throws IOException {
        try (Checkpoint checkpoint = Checkpoints.open(source)) {
            int[] ids = checkpoint.tokenizer().encode(prompt);
            int[] added = GreedyGenerator.builder(checkpoint.model())
                    .stopAt(Ints.toArray(checkpoint.endOfTextIds()))
                    .build()
                    .generate(ids, tokens)
                    .toArray();
            print(
                    added,
                    checkpoint.tokenizer().decode(Ints.concat(ids, added)),
                    checkpoint.tokenizer().continuation(ids, added));
        }
        return ExitCode.OK;
    }

    private void print(int[] added, String whole, String continuation) {
        if (!json) {
            command.commandLine().getOut().println(whole);
            return;
        }
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("prompt", prompt).put("continuation", continuation);
        ArrayNode ids = node.putArray("ids");
        for (int id : added) {
            ids.add(id);
        }
        command.commandLine().getOut().println(node.toPrettyString());
    }
}
