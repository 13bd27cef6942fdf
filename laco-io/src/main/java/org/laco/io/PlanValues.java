package org.laco.io;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import com.google.common.collect.ImmutableList;

/** Reads the values of a plan without bending them to fit. */
final class PlanValues {
    /** As much of a value as an error message shows. */
    private static final int SHOWN = 120;

    private PlanValues() {}

    /** A whole number, be it written as 12 or 12.0, but not 12.9. */
    static boolean isInteger(JsonNode node) {
        return node.canConvertToExactIntegral() && node.canConvertToInt();
    }

    /** Reads a text, which may be absent but not null or anything else. */
    static String text(JsonNode node, String key, String absent, String path) {
        if (!node.has(key)) {
            return absent;
        }
        if (!node.get(key).isTextual()) {
            throw new IllegalArgumentException(
                    path + "." + key + " is " + shown(node.get(key)) + ", expected a text such as \"" + absent + '"');
        }
        return node.get(key).textValue();
    }

    /** Refuses a key that isn't known, since a misspelt one would pass for an absent one. */
    static void requireKeys(JsonNode node, String path, String... known) {
        for (String key : ImmutableList.copyOf(node.fieldNames())) {
            if (!ImmutableList.copyOf(known).contains(key)) {
                throw new IllegalArgumentException(path + " has the unknown key " + shown(TextNode.valueOf(key))
                        + ", expected " + String.join(", ", known));
            }
        }
    }

    /** Shows a value in an error message, and not more of it than fits a line. */
    static String shown(JsonNode node) {
        // A number that isn't finite would be shown in quotes.
        String text = node.isNumber() ? node.asText() : node.toString();
        return text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "…";
    }
}
