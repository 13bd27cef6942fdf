package org.laco.cli.report;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Commands as one types them. */
final class ShellText {
    private ShellText() {}

    /** Writes a command, with quotes about what a shell would take apart. */
    static String of(String program, List<String> arguments) {
        return Stream.concat(Stream.of(program), arguments.stream().map(ShellText::quoted))
                .collect(Collectors.joining(" "));
    }

    private static String quoted(String argument) {
        return argument.matches("[A-Za-z0-9_./=:,@%+-]+") ? argument : "'" + argument.replace("'", "'\\''") + "'";
    }
}
