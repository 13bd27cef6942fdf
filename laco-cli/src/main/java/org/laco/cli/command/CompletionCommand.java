package org.laco.cli.command;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Prints what a shell needs to complete the names of commands, options and their values. */
@Command(
        name = "completion",
        mixinStandardHelpOptions = true,
        header = "Print a script with which bash and zsh complete commands, options, names and files.",
        footer = {"", "For this shell, or in ~/.bashrc or ~/.zshrc for every one:", "  source <(laco completion)"})
public final class CompletionCommand implements Callable<Integer> {
    @Spec
    private CommandSpec command;

    @Override
    public Integer call() {
        CommandLine root = command.root().commandLine();
        PrintWriter out = command.commandLine().getOut();
        // Lines end as bash has them, on every system.
        out.print(AutoComplete.bash(root.getCommandName(), root).replace("\r\n", "\n") + "\n");
        out.flush();
        return ExitCode.OK;
    }
}
