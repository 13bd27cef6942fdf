package org.laco.measure;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import com.google.common.collect.ImmutableList;
import com.google.common.primitives.ImmutableIntArray;
import java.nio.charset.StandardCharsets;

/**
 * A question of multiple choice as token ids.
 *
 * @param context the tokens before a choice, special tokens included
 * @param choices the tokens of each choice
 * @param choiceTexts each choice as it stands after the context, with the space before it; empty if the texts are not known
 * @param answer the number of the right choice, from 0
 * @param kind what sort of question it is; empty if questions aren't sorted
 */
public record ChoiceItem(
        ImmutableIntArray context,
        ImmutableList<ImmutableIntArray> choices,
        ImmutableList<String> choiceTexts,
        int answer,
        String kind) {
    /** Checks that there is something to choose from and that the answer is one of it. */
    public ChoiceItem {
        checkArgument(
                !context.isEmpty(),
                "the context is empty, expected at least one token such as the one that begins a text");
        checkArgument(!choices.isEmpty(), "there are no choices, expected at least one");
        for (int i = 0; i < choices.size(); i++) {
            checkArgument(!choices.get(i).isEmpty(), "choice %s has no token", i);
        }
        checkArgument(
                choiceTexts.isEmpty() || choiceTexts.size() == choices.size(),
                "there are %s choices, but the texts of %s",
                choices.size(),
                choiceTexts.size());
        for (int i = 0; i < choiceTexts.size(); i++) {
            checkArgument(
                    !withoutSpace(choiceTexts.get(i)).isEmpty(),
                    "choice %s is \"%s\", expected text after its leading space",
                    i,
                    choiceTexts.get(i));
        }
        checkArgument(
                answer >= 0 && answer < choices.size(),
                "the answer is choice %s, expected 0 to %s",
                answer,
                choices.size() - 1);
        requireNonNull(kind, "kind");
    }

    /** The length of a choice in Unicode characters, without the one space that parts it from the context. */
    int characters(int choice) {
        String text = withoutSpace(choiceTexts.get(choice));
        return text.codePointCount(0, text.length());
    }

    /** The length of a choice in UTF-8 bytes, without the one space that parts it from the context. */
    int bytes(int choice) {
        return withoutSpace(choiceTexts.get(choice)).getBytes(StandardCharsets.UTF_8).length;
    }

    /** The length of a choice in UTF-8 bytes, with the space. */
    int bytesWithSpace(int choice) {
        return choiceTexts.get(choice).getBytes(StandardCharsets.UTF_8).length;
    }

    private static String withoutSpace(String text) {
        return text.startsWith(" ") ? text.substring(1) : text;
    }

    /** The context and a choice in one sequence. */
    int[] sequence(int choice) {
        return ImmutableIntArray.builder(context.length() + choices.get(choice).length())
                .addAll(context)
                .addAll(choices.get(choice))
                .build()
                .toArray();
    }
}
