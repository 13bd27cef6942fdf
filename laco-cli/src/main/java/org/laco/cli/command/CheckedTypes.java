package org.laco.cli.command;

import static com.google.common.collect.ImmutableMap.toImmutableMap;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableMap;
import com.google.common.io.Resources;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * What each model type is checked against in laco's own tests, by a table that a test holds against their checkpoints.
 *
 * @param byType the checks by type, of the types that have any
 */
record CheckedTypes(ImmutableMap<String, Check> byType) {
    private static final String TABLE = "checked-types.txt";

    /**
     * The checks of one type.
     *
     * @param source who computed the numbers
     * @param checkpoints the number of tiny checkpoints whose hidden states and logits are compared
     * @param gradients the number of those of which a loss's gradients are compared too
     */
    record Check(String source, int checkpoints, int gradients) {
        /** Says it in one line. */
        String described() {
            String states = "hidden states of " + counted(checkpoints) + ", by " + source;
            return gradients == 0 ? states : states + "; gradients of " + counted(gradients) + ", by PyTorch";
        }

        private static String counted(int checkpoints) {
            return checkpoints == 1 ? "1 tiny checkpoint" : checkpoints + " tiny checkpoints";
        }
    }

    /** Reads the table. */
    static CheckedTypes read() {
        try {
            return new CheckedTypes(
                    Resources.readLines(Resources.getResource(CheckedTypes.class, TABLE), StandardCharsets.UTF_8)
                            .stream()
                            .filter(line -> !line.startsWith("#"))
                            .map(line -> Splitter.on(' ').splitToList(line))
                            .collect(toImmutableMap(row -> row.get(0), CheckedTypes::check)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Check check(List<String> row) {
        return new Check(row.get(1), Integer.parseInt(row.get(2)), Integer.parseInt(row.get(3)));
    }

    /** Says in one line what a type is checked against. */
    String described(String type) {
        return byType.containsKey(type) ? byType.get(type).described() : "no checkpoint of this type in laco's tests";
    }
}
