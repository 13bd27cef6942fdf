package org.laco.cli;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.laco.io.file.SmallFile;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;

/**
 * The options of a run in a YAML file, a mapping from their names without dashes to their values:
 *
 * <pre>
 * target-layers: 24
 * refit: true
 * text: [encyclopaedia.txt, news.txt]
 * </pre>
 *
 * <p>A list gives an option once for each entry, {@code true} an option without a value, {@code false} none. What the command line itself says
 * comes first.
 */
final class OptionFile {
    private static final String NAME = "--config";
    private static final int MAX_BYTES = 1_000_000;

    private final CommandLine command;
    private final Path file;
    private final ObjectNode content;

    private OptionFile(CommandLine command, Path file, ObjectNode content) {
        this.command = command;
        this.file = file;
        this.content = content;
    }

    /** Puts the options of the file that is named, if there is one, behind the command's name. */
    static String[] expand(CommandLine laco, String... args) throws IOException {
        Optional<Path> file = named(laco, args);
        if (file.isEmpty() || args.length == 0) {
            return args;
        }
        CommandLine command = laco.getSubcommands().get(args[0]);
        if (command == null) {
            throw new ParameterException(
                    laco,
                    NAME + " adds options to a command, whose name has to come first, as in: laco collapse " + NAME
                            + " FILE …");
        }
        OptionFile options = new OptionFile(command, file.get(), read(command, file.get()));
        List<String> expanded = new ArrayList<>();
        expanded.add(args[0]);
        expanded.addAll(options.arguments(Arrays.asList(args)));
        expanded.addAll(Arrays.asList(args).subList(1, args.length));
        return expanded.toArray(String[]::new);
    }

    private static Optional<Path> named(CommandLine laco, String... args) {
        for (int i = 0; i < args.length; i++) {
            boolean apart = args[i].equals(NAME) && i + 1 < args.length;
            if (apart || args[i].startsWith(NAME + "=")) {
                String name = apart ? args[i + 1] : args[i].substring(NAME.length() + 1);
                try {
                    return Optional.of(Path.of(name));
                } catch (InvalidPathException e) {
                    throw new ParameterException(laco, NAME + ": " + name + " can't be the name of a file");
                }
            }
        }
        return Optional.empty();
    }

    private static ObjectNode read(CommandLine command, Path file) throws IOException {
        String text = SmallFile.readGiven(file, MAX_BYTES).text();
        YAMLMapper mapper = YAMLMapper.builder()
                .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
                .build();
        try {
            if (mapper.readTree(text) instanceof ObjectNode object) {
                return object;
            }
        } catch (JsonProcessingException e) {
            String reason =
                    String.valueOf(e.getOriginalMessage()).lines().findFirst().orElse("");
            throw new ParameterException(
                    command,
                    file + ": no valid YAML"
                            + (e.getLocation() == null
                                    ? ""
                                    : ", line " + e.getLocation().getLineNr())
                            + ": " + reason);
        }
        throw new ParameterException(command, file + ": expected lines such as target-layers: 24");
    }

    private List<String> arguments(List<String> given) {
        List<String> arguments = new ArrayList<>();
        content.properties().forEach(entry -> {
            OptionSpec option = option(entry.getKey());
            if (given.stream().noneMatch(argument -> isThat(option, argument))) {
                arguments.addAll(arguments(option, entry.getValue()));
            }
        });
        return arguments;
    }

    private OptionSpec option(String key) {
        CommandSpec spec = command.getCommandSpec();
        OptionSpec option = spec.findOption("--" + key);
        if (option != null && !option.longestName().equals(NAME)) {
            return option;
        }
        ImmutableList<String> near = NearNames.of(
                key,
                spec.options().stream()
                        .filter(other -> !other.hidden())
                        .map(OptionSpec::longestName)
                        .toList());
        throw new ParameterException(
                command,
                file + ": " + spec.name() + " has no option '" + key + "'"
                        + (near.isEmpty()
                                ? ""
                                : ": did you mean '"
                                        + String.join("' or '", near).replace("--", "") + "'?"));
    }

    private static boolean isThat(OptionSpec option, String argument) {
        return Arrays.asList(option.names()).contains(argument.split("=", 2)[0]);
    }

    private List<String> arguments(OptionSpec option, JsonNode value) {
        if (value.isArray()) {
            List<String> all = new ArrayList<>();
            value.forEach(entry -> all.addAll(arguments(option, entry)));
            return all;
        }
        if (!value.isValueNode() || value.isNull()) {
            throw new ParameterException(
                    command,
                    file + ": " + option.longestName().substring(2)
                            + " is no number, text, true or false, nor a list of them");
        }
        if (option.arity().max() == 0) {
            if (!value.isBoolean()) {
                throw new ParameterException(
                        command,
                        file + ": " + option.longestName().substring(2) + " is " + value.asText()
                                + ", expected true or false");
            }
            return value.asBoolean() ? List.of(option.longestName()) : List.of();
        }
        return List.of(option.longestName() + "=" + value.asText());
    }
}
