package org.laco.measure;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import com.google.common.collect.ImmutableList;
import com.google.common.primitives.ImmutableIntArray;

/**
 * A question of multiple choice as token ids.
 *
 * @param context the tokens before a choice, special tokens included
 * @param choices the tokens of each choice
 * @param choiceBytes the length of each choice in UTF-8 bytes; empty if it is not known
 * @param answer the number of the right choice, from 0
 * @param kind what sort of question it is; empty if questions aren't sorted
 */
public record ChoiceItem(
        ImmutableIntArray context,
        ImmutableList<ImmutableIntArray> choices,
        ImmutableList<Integer> choiceBytes,
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
                choiceBytes.isEmpty() || choiceBytes.size() == choices.size(),
                "there are %s choices, but the lengths of %s",
                choices.size(),
                choiceBytes.size());
        for (int i = 0; i < choiceBytes.size(); i++) {
            checkArgument(choiceBytes.get(i) > 0, "choice %s has %s bytes, expected at least 1", i, choiceBytes.get(i));
        }
        checkArgument(
                answer >= 0 && answer < choices.size(),
                "the answer is choice %s, expected 0 to %s",
                answer,
                choices.size() - 1);
        requireNonNull(kind, "kind");
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
