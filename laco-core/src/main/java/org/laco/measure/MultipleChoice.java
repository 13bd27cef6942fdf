package org.laco.measure;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.primitives.ImmutableDoubleArray;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;

/**
 * How often a model finds the right choice likeliest after its context.
 *
 * <p>A choice's score is Σ log p of its tokens; of equal scores the first choice wins. The sum favours short choices, so it is also
 * compared divided by the choice's length. What lm-evaluation-harness calls {@code acc}, {@code acc_norm} and {@code acc_bytes} are
 * {@link #accuracy}, {@link #accNorm} and {@link #accBytes}.
 *
 * <pre>{@code
 * MultipleChoice result = MultipleChoice.measure(TokenLogProbabilities.of(model), items);
 * result.accuracy().value();           // 0.70625
 * result.accuracy().standardError();   // 0.0255
 * }</pre>
 *
 * @param accuracy by the plain sum
 * @param accuracyPerToken by the sum divided by the choice's tokens
 * @param accuracyPerByte by the sum divided by the choice's UTF-8 bytes, the space before it included; empty unless all items tell
 *     their texts
 * @param accNorm by the sum divided by the choice's Unicode characters, without the space before it; empty likewise
 * @param accBytes by the sum divided by the choice's UTF-8 bytes, without the space before it; empty likewise
 * @param chance the share that guessing gets right, the mean over the items of 1 by the number of choices
 * @param byKind the accuracy by the plain sum of each kind of item, in alphabetical order; without items of no kind
 * @param logLikelihoods for each item the plain sum of each choice, in nats
 */
public record MultipleChoice(
        Accuracy accuracy,
        Accuracy accuracyPerToken,
        Optional<Accuracy> accuracyPerByte,
        Optional<Accuracy> accNorm,
        Optional<Accuracy> accBytes,
        double chance,
        ImmutableMap<String, Accuracy> byKind,
        ImmutableList<ImmutableDoubleArray> logLikelihoods) {
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
        return of(items, sums(model, items));
    }

    /** Asks a model for the score of each choice of each item. */
    private static List<double[]> sums(TokenLogProbabilities model, List<ChoiceItem> items) {
        checkArgument(!items.isEmpty(), "there are no items of multiple choice, expected at least one");
        List<int[]> sequences = new ArrayList<>();
        List<Integer> from = new ArrayList<>();
        List<Integer> numbers = new ArrayList<>();
        for (int i = 0; i < items.size(); i++) {
            ChoiceItem item = items.get(i);
            for (int choice = 0; choice < item.choices().size(); choice++) {
                sequences.add(item.sequence(choice));
                from.add(item.context().length());
                numbers.add(i);
            }
        }
        ImmutableList<ImmutableDoubleArray> scores = model.computeSharing(sequences, from::get, numbers::get);
        List<double[]> sums = new ArrayList<>();
        int at = 0;
        for (ChoiceItem item : items) {
            int end = at + item.choices().size();
            sums.add(scores.subList(at, end).stream()
                    .mapToDouble(tokens -> tokens.stream().sum())
                    .toArray());
            at = end;
        }
        return sums;
    }

    /** Counts the right answers, given the score of each choice of each item. */
    static MultipleChoice of(List<ChoiceItem> items, List<double[]> sums) {
        boolean textsKnown = items.stream().noneMatch(item -> item.choiceTexts().isEmpty());
        TreeMap<String, Accuracy> kinds = new TreeMap<>();
        for (int i = 0; i < items.size(); i++) {
            ChoiceItem item = items.get(i);
            if (!item.kind().isEmpty()) {
                kinds.merge(item.kind(), new Accuracy(right(item, sums.get(i), choice -> 1), 1), MultipleChoice::add);
            }
        }
        return new MultipleChoice(
                accuracy(items, sums, item -> choice -> 1),
                accuracy(
                        items,
                        sums,
                        item -> choice -> item.choices().get(choice).length()),
                textsKnown ? Optional.of(accuracy(items, sums, item -> item::bytesWithSpace)) : Optional.empty(),
                textsKnown ? Optional.of(accuracy(items, sums, item -> item::characters)) : Optional.empty(),
                textsKnown ? Optional.of(accuracy(items, sums, item -> item::bytes)) : Optional.empty(),
                items.stream()
                        .mapToDouble(item -> 1.0 / item.choices().size())
                        .average()
                        .orElseThrow(),
                ImmutableMap.copyOf(kinds),
                sums.stream().map(ImmutableDoubleArray::copyOf).collect(ImmutableList.toImmutableList()));
    }

    private static Accuracy accuracy(
            List<ChoiceItem> items, List<double[]> sums, Function<ChoiceItem, IntUnaryOperator> length) {
        int correct = IntStream.range(0, items.size())
                .map(i -> right(items.get(i), sums.get(i), length.apply(items.get(i))))
                .sum();
        return new Accuracy(correct, items.size());
    }

    /** 1 if the right choice has the highest score by its length, 0 if not. */
    private static int right(ChoiceItem item, double[] sums, IntUnaryOperator length) {
        return best(sums, length) == item.answer() ? 1 : 0;
    }

    /** The choice of the highest score by its length, the first of equal ones. */
    static int best(double[] sums, IntUnaryOperator length) {
        int best = 0;
        for (int choice = 1; choice < sums.length; choice++) {
            if (sums[choice] / length.applyAsInt(choice) > sums[best] / length.applyAsInt(best)) {
                best = choice;
            }
        }
        return best;
    }

    private static Accuracy add(Accuracy one, Accuracy other) {
        return new Accuracy(one.correct() + other.correct(), one.items() + other.items());
    }
}
