package org.laco.cli;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * The options on a command line that its command doesn't have, or a command that isn't there. A value behind one is taken for a parameter and shifts all that follow,
 * so that the parser complains of those, too, or of what is missing.
 */
final class UnknownNames {
    /** How the parser's command {@code help} begins when it has no such command. */
    private static final String OF_HELP = "Unknown subcommand";

    private final CommandSpec command;

    private UnknownNames(CommandSpec command) {
        this.command = command;
    }

    /** Says what is wrong in the place of the parser's message, if it is an option or a command that isn't known. */
    static Optional<String> explain(ParameterException e, List<String> arguments) {
        UnknownNames options = new UnknownNames(e.getCommandLine().getCommandSpec());
        if (e.getMessage() != null && e.getMessage().startsWith(OF_HELP)) {
            return Optional.of(options.explainCommand(e.getValue()));
        }
        if (e instanceof UnmatchedArgumentException unmatched) {
            if (!isOption(unmatched.getUnmatched().get(0))
                    && !options.command.subcommands().isEmpty()) {
                return options.explainWord(unmatched);
            }
            return options.explain(unmatched.getUnmatched().stream()
                            .filter(UnknownNames::isOption)
                            .toList())
                    .or(() -> options.explainWord(unmatched));
        }
        return e instanceof MissingParameterException ? options.explain(options.unknown(arguments)) : Optional.empty();
    }

    private static boolean isOption(String argument) {
        return argument.matches("--?[A-Za-z].*");
    }

    private static String name(String argument) {
        return argument.split("=", 2)[0];
    }

    /** Returns those of a whole command line, of which the parser keeps none if something is missing as well. */
    private List<String> unknown(List<String> arguments) {
        List<String> unknown = new ArrayList<>();
        for (int i = 0; i < arguments.size() && !arguments.get(i).equals("--"); i++) {
            OptionSpec option = command.findOption(name(arguments.get(i)));
            if (option == null && isOption(arguments.get(i))) {
                unknown.add(arguments.get(i));
            } else if (option != null && !arguments.get(i).contains("=")) {
                i += option.arity().min();
            }
        }
        return unknown;
    }

    private Optional<String> explain(List<String> unknown) {
        return unknown.isEmpty()
                ? Optional.empty()
                : Optional.of(unknown.stream()
                        .map(UnknownNames::name)
                        .map(name -> "Unknown option '" + name + "'" + suggestion(name))
                        .collect(Collectors.joining("; ")));
    }

    private String suggestion(String name) {
        return suggestion(
                name,
                command.options().stream()
                        .filter(option -> !option.hidden())
                        .map(OptionSpec::longestName)
                        .toList());
    }

    private static String suggestion(String name, Collection<String> names) {
        ImmutableList<String> near = NearNames.of(name, names);
        return near.isEmpty() ? "" : ": did you mean '" + String.join("' or '", near) + "'?";
    }

    /** Knows an option that was given without its dashes, and takes another word for a command where there should be one. */
    private Optional<String> explainWord(UnmatchedArgumentException e) {
        String word = e.getUnmatched().get(0);
        if (command.findOption("--" + word) != null) {
            return Optional.of(e.getMessage() + ": did you mean '--" + word + "'?");
        }
        return command.subcommands().isEmpty() ? Optional.empty() : Optional.of(explainCommand(word));
    }

    private String explainCommand(String name) {
        return "Unknown command '" + name + "'"
                + suggestion(name, command.subcommands().keySet());
    }
}
