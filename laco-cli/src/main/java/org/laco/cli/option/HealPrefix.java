package org.laco.cli.option;

import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import picocli.CommandLine.IFactory;
import picocli.CommandLine.IModelTransformer;
import picocli.CommandLine.Model.ArgGroupSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** Gives a command the options of a training under names that tell what they are for: {@code --heal-text} for {@code --text}. */
public final class HealPrefix implements IModelTransformer {
    private static final String PREFIX = "--heal-";
    private static final Pattern NAME = Pattern.compile("--([a-z-]+)");

    private final IFactory factory;

    /**
     * Makes the names for one command line.
     *
     * @param factory what makes the parts of its options
     */
    public HealPrefix(IFactory factory) {
        this.factory = factory;
    }

    /** A command that has a training among other things. */
    public interface Heals {
        /**
         * Returns what the options are put into.
         *
         * @return the options of the training
         */
        TrainingOptions heal();
    }

    @Override
    public CommandSpec transform(CommandSpec command) {
        List<OptionSpec> options = CommandSpec.forAnnotatedObject(((Heals) command.userObject()).heal(), factory)
                .options();
        Set<String> names = options.stream().map(OptionSpec::longestName).collect(Collectors.toSet());
        ArgGroupSpec.Builder group = ArgGroupSpec.builder()
                .heading("%nThe training of the result:%n")
                .exclusive(false)
                .validate(false)
                .multiplicity("0..1")
                .order(10);
        for (OptionSpec option : options) {
            String[] description = Arrays.stream(option.description())
                    .map(line -> NAME.matcher(line)
                            .replaceAll(name -> names.contains(name.group()) ? PREFIX + name.group(1) : name.group()))
                    .toArray(String[]::new);
            group.addArg(option.toBuilder()
                    .names(PREFIX + option.longestName().substring(2))
                    .description(description)
                    .build());
        }
        return command.addArgGroup(group.build());
    }
}
