package org.laco.cli.option;

import java.io.PrintWriter;
import org.laco.cli.progress.Progress;
import org.laco.search.CollapseListener;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** How a command tells what it does: to a person or to a program. */
public final class ReportOptions {
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

    /**
     * Returns whether a program reads the result.
     *
     * @return whether it is to be printed as JSON
     */
    public boolean json() {
        return json;
    }

    /**
     * Returns where the report for a person goes.
     *
     * @return standard output, standard error beside a result for a program, or nowhere
     */
    public PrintWriter people() {
        if (quiet) {
            return new PrintWriter(PrintWriter.nullWriter());
        }
        return json ? command.commandLine().getErr() : command.commandLine().getOut();
    }

    /** Returns where notes go that aren't part of a report. */
    private PrintWriter notes() {
        return quiet
                ? new PrintWriter(PrintWriter.nullWriter())
                : command.commandLine().getErr();
    }

    /**
     * Returns where the result for a program goes.
     *
     * @return standard output
     */
    public PrintWriter program() {
        return command.commandLine().getOut();
    }

    /**
     * Begins to show progress: as a bar on a terminal, as lines elsewhere, or not at all.
     *
     * @return the progress, to be closed before anything else is printed
     */
    public Progress progress() {
        return quiet ? Progress.silent() : Progress.shown(notes());
    }

    /**
     * Begins to show progress, with the decisions of a search in the report where there is no bar.
     *
     * @param decisions what puts them into the report
     * @return the progress, to be closed before anything else is printed
     */
    public Progress progress(CollapseListener decisions) {
        return quiet ? Progress.silent() : Progress.shown(notes(), decisions);
    }
}
