package org.laco.cli.command;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.laco.cli.option.ModelConverter;
import org.laco.cli.option.ReportOptions;
import org.laco.cli.progress.Progress;
import org.laco.cli.progress.StageProgress;
import org.laco.io.CheckpointVerifier;
import org.laco.io.Verification;
import org.laco.io.Verification.Check;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Checks a written checkpoint against its record. */
@Command(
        name = "verify",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        header = "Check a checkpoint that laco wrote against its laco.json, and against the original.",
        footer = {
            "",
            "Exit codes: 0 no check failed, 1 one did.",
            "",
            "Example:",
            "  laco verify SmolLM2-24 --source SmolLM2-135M"
        })
public final class VerifyCommand implements Callable<Integer> {
    @Parameters(index = "0", paramLabel = "OUT", description = "The checkpoint's directory, with its laco.json.")
    private Path directory;

    @Option(
            names = "--source",
            paramLabel = "MODEL",
            converter = ModelConverter.class,
            order = 1,
            description =
                    "The original. Its files are checked too, the weights are made anew from it and compared, and the "
                            + "similarity to it is measured again.")
    private Path source;

    @Mixin
    private ReportOptions report;

    @Override
    public Integer call() throws IOException {
        Verification found = verify();
        for (Check check : found.checks()) {
            report.people().printf("%-10s  %-7s  %s%n", check.name(), check.outcome(), check.detail());
        }
        report.people().flush();
        if (report.json()) {
            report.program().println(json(found).toPrettyString());
        }
        return found.isVerified() ? ExitCode.OK : ExitCode.SOFTWARE;
    }

    private Verification verify() throws IOException {
        try (Progress progress = report.progress()) {
            CheckpointVerifier verifier =
                    CheckpointVerifier.of(directory).withListener(new StageProgress(progress, directory.toString()));
            return source == null ? verifier.alone() : verifier.against(source);
        }
    }

    private static ObjectNode json(Verification found) {
        ObjectNode node = JsonNodeFactory.instance.objectNode().put("verified", found.isVerified());
        ArrayNode checks = node.putArray("checks");
        for (Check check : found.checks()) {
            checks.addObject()
                    .put("name", check.name())
                    .put("outcome", check.outcome().toString())
                    .put("detail", check.detail());
        }
        return node;
    }
}
