package org.laco.cli.option;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** How a text is cut into sequences. */
final class WindowOptions {
    private static final String WINDOW = "--window";

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    @Option(
            names = WINDOW,
            paramLabel = "TOKENS",
            order = 20,
            description = "The whole of a text is tokenised and cut into windows of this length; the last, partial one "
                    + "is dropped, and each window's first token is not predicted. Default: ${DEFAULT-VALUE}.")
    private int window;

    @Option(
            names = "--per-line",
            order = 21,
            description = "Take each line of a text, and all of them, for documents of their own with their special "
                    + "tokens, instead of windows.")
    private boolean perLine;

    /** Makes the options of a command with a default of its own. */
    WindowOptions(int window) {
        this.window = window;
    }

    int window() {
        return window;
    }

    /** Returns whether the length of a window is not the default. */
    boolean isWindowGiven() {
        return command.commandLine().getParseResult().hasMatchedOption(WINDOW);
    }

    boolean perLine() {
        return perLine;
    }
}
