package org.laco.cli.report;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.base.CharMatcher;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.Optional;

/**
 * How much a model repeats itself, and how far it goes on as an original does.
 *
 * @param texts of the model
 * @param original the texts of the model that it is compared with, if there is one
 */
public record GenerationReport(GeneratedTexts texts, Optional<GeneratedTexts> original) {
    private static final int SHOWN = 100;
    private static final String REPETITION = "repeated4Grams";
    private static final String CONTINUATION = "continuation";
    private static final String AGREEMENT = "agreement";

    /**
     * Prints the measures, and of each text the beginning.
     *
     * @param out where to print
     */
    public void print(PrintWriter out) {
        out.printf("repeated 4-grams  %s", percent(texts.tokens().repetition()));
        original.ifPresent(before -> out.printf(
                " (original %s), agreement with the original  %s",
                percent(before.tokens().repetition()), percent(texts.tokens().agreement(before.tokens()))));
        out.println();
        for (int i = 0; i < texts.prompts().size(); i++) {
            int prompt = i;
            out.printf("%nprompt    %s%n", line(texts.prompts().get(i)));
            out.printf("goes on   %s%n", line(texts.texts().get(i)));
            original.ifPresent(
                    before -> out.printf("original  %s%n", line(before.texts().get(prompt))));
        }
        out.flush();
    }

    /** As much of a text as fits a line. */
    private static String line(String text) {
        String line = CharMatcher.whitespace().trimAndCollapseFrom(text, ' ');
        return line.codePointCount(0, line.length()) <= SHOWN
                ? line
                : line.substring(0, line.offsetByCodePoints(0, SHOWN)) + "…";
    }

    private static String percent(double share) {
        return Double.isNaN(share) ? "-" : String.format(Locale.ROOT, "%.1f %%", 100 * share);
    }

    /**
     * Puts the measures and the whole texts into an object.
     *
     * @param node the object
     */
    public void encode(ObjectNode node) {
        ObjectNode generated = node.putObject("generated");
        JsonNumber.put(generated, REPETITION, texts.tokens().repetition());
        original.ifPresent(before -> {
            JsonNumber.put(generated, REPETITION + "OfOriginal", before.tokens().repetition());
            JsonNumber.put(generated, AGREEMENT, texts.tokens().agreement(before.tokens()));
        });
        ArrayNode rows = generated.putArray("texts");
        for (int i = 0; i < texts.prompts().size(); i++) {
            int prompt = i;
            ObjectNode row = rows.addObject().put("prompt", texts.prompts().get(i));
            encode(texts, i, row);
            original.ifPresent(before -> {
                encode(before, prompt, row.putObject("original"));
                JsonNumber.put(row, AGREEMENT, texts.tokens().agreement(before.tokens(), prompt));
            });
        }
    }

    private static void encode(GeneratedTexts texts, int prompt, ObjectNode row) {
        row.put(CONTINUATION, texts.texts().get(prompt));
        ArrayNode ids = row.putArray("ids");
        texts.tokens().texts().get(prompt).forEach(ids::add);
        JsonNumber.put(row, REPETITION, texts.tokens().repetition(prompt));
    }
}
