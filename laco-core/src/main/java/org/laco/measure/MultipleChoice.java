package org.laco.measure;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.primitives.ImmutableDoubleArray;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.IntToDoubleFunction;

/**
 * How often a model finds the right choice likeliest after its context.
 *
 * <p>A choice's score is Σ log p of its tokens; of equal scores the first choice wins. The sum favours short choices, so it is also
 * compared divided by the number of tokens, and by the number of UTF-8 bytes.
 *
 * <pre>{@code
 * MultipleChoice result = MultipleChoice.measure(TokenLogProbabilities.of(model), items);
 * result.accuracy().value();           // 0.70625
 * result.accuracy().standardError();   // 0.0255
 * }</pre>
 *
 * @param accuracy by the plain sum
 * @param accuracyPerToken by the sum divided by the choice's tokens
 * @param accuracyPerByte by the sum divided by the choice's bytes; empty unless all items tell them
 * @param byKind the accuracy by the plain sum of each kind of item, in alphabetical order; without items of no kind
 */
public record MultipleChoice(
        Accuracy accuracy,
        Accuracy accuracyPerToken,
        Optional<Accuracy> accuracyPerByte,
        ImmutableMap<String, Accuracy> byKind) {
    /**
     * Asks a model.
     *
     * @param model the model's log-probabilities
     * @param items the questions
     * @return how many it answers right
     * @throws IllegalArgumentException if there is no item, or an id is not in the vocabulary; sequences are counted through all
     *     choices of all items
     */
    public static MultipleChoice measure(TokenLogProbabilities model, List<ChoiceItem> items) {
        checkArgument(!items.isEmpty(), "there are no items of multiple choice, expected at least one");
        List<int[]> sequences = new ArrayList<>();
        List<Integer> from = new ArrayList<>();
        for (ChoiceItem item : items) {
            for (int choice = 0; choice < item.choices().size(); choice++) {
                sequences.add(item.sequence(choice));
                from.add(item.context().length());
            }
        }
        ImmutableList<ImmutableDoubleArray> scores = model.compute(sequences, from::get);
        boolean bytesKnown = items.stream().noneMatch(item -> item.choiceBytes().isEmpty());
        int correct = 0;
        int perToken = 0;
        int perByte = 0;
        TreeMap<String, Accuracy> kinds = new TreeMap<>();
        int at = 0;
        for (ChoiceItem item : items) {
            int end = at + item.choices().size();
            double[] sums = scores.subList(at, end).stream()
                    .mapToDouble(tokens -> tokens.stream().sum())
                    .toArray();
            at = end;
            int right = right(item, choice -> sums[choice]);
            correct += right;
            perToken += right(item, i -> sums[i] / item.choices().get(i).length());
            perByte +=
                    bytesKnown ? right(item, i -> sums[i] / item.choiceBytes().get(i)) : 0;
            if (!item.kind().isEmpty()) {
                kinds.merge(item.kind(), new Accuracy(right, 1), MultipleChoice::add);
            }
        }
        return new MultipleChoice(
                new Accuracy(correct, items.size()),
                new Accuracy(perToken, items.size()),
                bytesKnown ? Optional.of(new Accuracy(perByte, items.size())) : Optional.empty(),
                ImmutableMap.copyOf(kinds));
    }

    /** 1 if the right choice has the highest score, 0 if not. */
    private static int right(ChoiceItem item, IntToDoubleFunction score) {
        int best = 0;
        for (int choice = 1; choice < item.choices().size(); choice++) {
            if (score.applyAsDouble(choice) > score.applyAsDouble(best)) {
                best = choice;
            }
        }
        return best == item.answer() ? 1 : 0;
    }

    private static Accuracy add(Accuracy one, Accuracy other) {
        return new Accuracy(one.correct() + other.correct(), one.items() + other.items());
    }
}
