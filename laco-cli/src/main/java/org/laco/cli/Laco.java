package org.laco.cli;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import org.laco.cli.command.ApplyCommand;
import org.laco.cli.command.CollapseCommand;
import org.laco.cli.command.CompletionCommand;
import org.laco.cli.command.DemoCommand;
import org.laco.cli.command.EvaluateCommand;
import org.laco.cli.command.FamiliesCommand;
import org.laco.cli.command.GenerateCommand;
import org.laco.cli.command.HealCommand;
import org.laco.cli.command.InspectCommand;
import org.laco.cli.command.SimilarityCommand;
import org.laco.cli.command.SweepCommand;
import org.laco.cli.command.SynthesizeCommand;
import org.laco.cli.command.VerifyCommand;
import org.laco.cli.option.ByteSize;
import org.laco.io.HubCache;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;

/** The command {@code laco} with its subcommands. */
@Command(
        name = "laco",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        header = "Makes large language models shallower by layer collapse, and tells exactly what it did.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            DemoCommand.class,
            CollapseCommand.class,
            HealCommand.class,
            ApplyCommand.class,
            VerifyCommand.class,
            InspectCommand.class,
            EvaluateCommand.class,
            GenerateCommand.class,
            SweepCommand.class,
            SimilarityCommand.class,
            SynthesizeCommand.class,
            FamiliesCommand.class,
            CompletionCommand.class,
            HelpCommand.class,
        },
        footer = {
            "",
            "MODEL is a directory with config.json and safetensors weights, as Hugging Face has them, or the",
            "OWNER/NAME of such a model on the hub that 'hf download' has fetched.",
            "Where a text or questions are read, - in the place of a FILE is standard input.",
            "@FILE stands for the arguments in FILE; a file whose name begins with @ is ./@NAME.",
            "--config FILE adds options from a YAML file, such as target-layers: 24, that aren't given themselves.",
            "",
            "Exit codes: 0 done, 1 input or data can't be used, 2 wrong usage, 130 interrupted."
        })
public final class Laco {
    @Option(
            names = "--config",
            paramLabel = "FILE",
            scope = ScopeType.INHERIT,
            description = "Add the options in this YAML file, by their names without dashes.")
    private Path config;

    @Option(
            names = "--stacktrace",
            scope = ScopeType.INHERIT,
            description = "With an error, print where in the program it arose.")
    private boolean stacktrace;

    Laco() {}

    /**
     * Runs a command and ends the process with its exit code.
     *
     * @param args the command and its arguments
     */
    public static void main(String[] args) {
        StandardOutput standardOutput = new StandardOutput();
        PrintWriter out = writer(standardOutput);
        PrintWriter err = writer(new FileOutputStream(FileDescriptor.err));
        // What a library prints must not get between results.
        System.setOut(System.err);
        try (Interruption interruption = Interruption.ofCurrentThread()) {
            int exitCode = run(args, out, err);
            out.flush();
            if (exitCode == ExitCode.OK && standardOutput.failure().isPresent()) {
                String reason = standardOutput.failure().get();
                // A reader that has seen enough, such as head, goes away.
                if (!reason.equals("Broken pipe")) {
                    err.println("laco: standard output can't be written: " + reason);
                }
                exitCode = ExitCode.SOFTWARE;
            }
            err.flush();
            interruption.exit(exitCode);
        }
    }

    /** Returns standard input as a stream whose reading a signal ends, unlike that of {@link System#in}. */
    private static InputStream standardInput() {
        return Channels.newInputStream(new FileInputStream(FileDescriptor.in).getChannel());
    }

    private static int run(String[] args, PrintWriter out, PrintWriter err) {
        try (Surroundings surroundings = new Surroundings(HubCache.ofEnvironment(), standardInput())) {
            NativeLibraries.loadAheadOf(Arrays.asList(args));
            return execute(commandLine(out, err, surroundings), args);
        } catch (IOException | OutOfMemoryError | LinkageError e) {
            // Before a command has begun, while it told of another error, or after it.
            err.println("laco: " + ErrorReport.message(e));
            return ExitCode.SOFTWARE;
        }
    }

    /** Runs a command with the options of a file, if one is named. */
    static int execute(CommandLine laco, String... args) throws IOException {
        String[] expanded;
        try {
            expanded = OptionFile.expand(laco, args);
        } catch (ParameterException e) {
            laco.getErr().println("laco: " + e.getMessage());
            return ExitCode.USAGE;
        }
        return laco.execute(expanded);
    }

    private static PrintWriter writer(OutputStream stream) {
        return new PrintWriter(new OutputStreamWriter(stream, StandardCharsets.UTF_8), true);
    }

    /** Makes the command line, writing results to one stream and everything for a person's eyes to another. */
    static CommandLine commandLine(PrintWriter out, PrintWriter err, Surroundings surroundings) {
        Laco laco = new Laco();
        ErrorReport errors = new ErrorReport(() -> laco.stacktrace, surroundings);
        return new CommandLine(laco, surroundings)
                .setOut(out)
                .setErr(err)
                .setUsageHelpAutoWidth(false)
                .setUsageHelpWidth(100)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .registerConverter(ByteSize.class, ByteSize::parse)
                .setParameterExceptionHandler(errors::usage)
                .setExecutionExceptionHandler(errors)
                .setExecutionStrategy(errors::guard);
    }
}
