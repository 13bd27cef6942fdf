package org.laco.examples.cli;

import java.io.PrintWriter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** How a command tells what it does: to a person or to a program. */
final class ReportOptions {
    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    @Option(
            names = "--json",
            order = 90,
            description = "Print one JSON object on standard output, and everything else on standard error.")
    private boolean json;

    @Option(
            names = {"-q", "--quiet"},
            order = 91,
            description = "Print nothing but errors, and the result of --json.")
    private boolean quiet;

    boolean json() {
        return json;
    }

    /** Where the report for a person goes; it may be told nowhere. */
    PrintWriter people() {
        if (quiet) {
            return new PrintWriter(PrintWriter.nullWriter());
        }
        return json ? command.commandLine().getErr() : command.commandLine().getOut();
    }

    /** Where notes go that aren't part of a report. */
    PrintWriter notes() {
        return quiet
                ? new PrintWriter(PrintWriter.nullWriter())
                : command.commandLine().getErr();
    }

    /** Where the result for a program goes. */
    PrintWriter program() {
        return command.commandLine().getOut();
    }

    /** Shows progress: as a bar on a terminal, as lines elsewhere. */
    Progress progress() {
        if (quiet) {
            return Progress.silent();
        }
        return TerminalProgress.isTerminal() ? new TerminalProgress() : new LineProgress(notes());
    }
}
