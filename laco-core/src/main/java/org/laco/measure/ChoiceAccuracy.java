package org.laco.measure;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.primitives.ImmutableDoubleArray;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.laco.stack.Calibration;
import org.laco.stack.LanguageStack;
import org.laco.stack.LayerStack;
import org.laco.tensor.SequenceLayout;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * How many questions of multiple choice a model answers right, for a search that is judged by that. The calibration is the questions: a
 * sequence for each choice after its context.
 *
 * <pre>{@code
 * ChoiceAccuracy accuracy = ChoiceAccuracy.of(ChoiceFile.read(file, checkpoint.tokenizer()));
 * LayerCollapse.builder()
 *         .targetLayers(24)
 *         .calibration(accuracy.calibration())
 *         .objective(accuracy)
 *         .build()
 *         .apply(checkpoint.model());
 * }</pre>
 *
 * <p>A choice counts by its Σ log p, as in {@link MultipleChoice#accuracy}. Of n questions an accuracy has n + 1 values only, and many
 * candidates have the same. Those are told apart by the share that the right choice has of all choices' probability, p / Σ p, mean over the
 * questions: a score is (right answers + mean share) / n, so that one more right answer always outweighs the share, as it is below 1 unless
 * all answers are right. One number a question is 1 or 0 for the answer, plus the share by n.
 */
public final class ChoiceAccuracy implements Metric {
    private static final String NAME = "accuracy";

    private final ImmutableList<ChoiceItem> items;
    private final Calibration calibration;
    /** For each sequence the first position that belongs to the choice. */
    private final int[] from;

    private ChoiceAccuracy(ImmutableList<ChoiceItem> items) {
        checkArgument(!items.isEmpty(), "there are no items of multiple choice, expected at least one");
        this.items = items;
        List<int[]> sequences = new ArrayList<>();
        for (ChoiceItem item : items) {
            IntStream.range(0, item.choices().size()).mapToObj(item::sequence).forEach(sequences::add);
        }
        this.calibration = Calibration.ofTokens(sequences);
        this.from = items.stream()
                .flatMapToInt(item -> item.choices().stream()
                        .mapToInt(choice -> item.context().length()))
                .toArray();
    }

    /**
     * Makes a metric of questions.
     *
     * @param items the questions
     * @return the metric
     * @throws IllegalArgumentException if there is no question
     */
    public static ChoiceAccuracy of(List<ChoiceItem> items) {
        return new ChoiceAccuracy(ImmutableList.copyOf(items));
    }

    /**
     * Returns the sequences that a search by this metric has to have for its calibration.
     *
     * @return for each question in turn each choice after the context
     */
    public Calibration calibration() {
        return calibration;
    }

    /**
     * Returns the questions.
     *
     * @return the questions in their order
     */
    public ImmutableList<ChoiceItem> items() {
        return items;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public boolean needsLogits() {
        return true;
    }

    /** Names the number of questions, and of each the number of choices, of the context's tokens, and the answer. */
    @Override
    public ImmutableMap<String, Object> parameters() {
        return ImmutableMap.of(
                "questions",
                items.size(),
                "questionChoices",
                each(item -> item.choices().size()),
                "questionContexts",
                each(item -> item.context().length()),
                "questionAnswers",
                each(ChoiceItem::answer));
    }

    private String each(Function<ChoiceItem, Integer> value) {
        return items.stream().map(value).map(String::valueOf).collect(Collectors.joining(" "));
    }

    /** One question's part, which rounding may tip where two choices are nearly as likely. */
    @Override
    public double step() {
        return 1.0 / items.size();
    }

    @Override
    public void check(LayerStack stack, Calibration sequences) {
        Metric.super.check(stack, sequences);
        boolean same = sequences.layout().count() == from.length
                && IntStream.range(0, from.length)
                        .allMatch(i -> Arrays.equals(sequences.tokens(i), calibration.tokens(i)));
        checkArgument(
                same,
                "the objective %s is measured on its questions alone: give their sequences as the calibration",
                NAME);
    }

    /**
     * Counts a model's right answers.
     *
     * @param output the model's final hidden states on {@link #calibration}, {@code [rows, width]}
     * @param model the model, or the original, whose head gives logits
     * @return the answers
     */
    public MultipleChoice answers(INDArray output, LanguageStack model) {
        return MultipleChoice.of(items, sums(output, model));
    }

    private List<double[]> sums(INDArray output, LanguageStack model) {
        SequenceLayout layout = calibration.layout();
        int[] rows = IntStream.range(0, from.length)
                .flatMap(i -> IntStream.range(layout.start(i) + from[i] - 1, layout.start(i) + layout.length(i) - 1))
                .toArray();
        int[][] tokens = IntStream.range(0, from.length)
                .boxed()
                .flatMap(i -> Arrays.stream(calibration.tokens(i)).skip(from[i]).mapToObj(token -> new int[] {token}))
                .toArray(int[][]::new);
        double[][] scores = new ChosenTokens(model, output).logProbabilities(rows, tokens);
        List<double[]> sums = new ArrayList<>();
        int sequence = 0;
        int row = 0;
        for (ChoiceItem item : items) {
            double[] each = new double[item.choices().size()];
            for (int choice = 0; choice < each.length; choice++, sequence++) {
                for (int at = from[sequence]; at < layout.length(sequence); at++, row++) {
                    each[choice] += scores[row][0];
                }
            }
            sums.add(each);
        }
        return sums;
    }

    @Override
    public ImmutableList<Double> perSequence(
            INDArray candidate, INDArray reference, LayerStack stack, Calibration sequences) {
        List<double[]> sums = sums(candidate, LanguageStack.require(stack));
        return IntStream.range(0, items.size())
                .mapToObj(i -> value(items.get(i), sums.get(i)))
                .collect(ImmutableList.toImmutableList());
    }

    private double value(ChoiceItem item, double[] sums) {
        double share = share(item, ImmutableDoubleArray.copyOf(sums));
        int right = MultipleChoice.best(sums, choice -> 1) == item.answer() ? 1 : 0;
        return right + share / items.size();
    }

    /** The share of the right choice of all choices' probability; NaN where a sum is. */
    private static double share(ChoiceItem item, ImmutableDoubleArray sums) {
        double highest = sums.stream().max().orElseThrow();
        DoubleStream weights = sums.stream().map(sum -> Math.exp(sum - highest));
        return Math.exp(sums.get(item.answer()) - highest) / weights.sum();
    }

    /**
     * Returns what the score is made of.
     *
     * @param answers the answers to these questions
     * @return {@code accuracy}, and {@code accuracy.share}, the mean share of the right choice
     */
    public ImmutableMap<String, Double> figures(MultipleChoice answers) {
        double share = IntStream.range(0, items.size())
                .mapToDouble(i -> share(items.get(i), answers.logLikelihoods().get(i)))
                .average()
                .orElseThrow();
        return ImmutableMap.of(NAME, answers.accuracy().value(), NAME + ".share", share);
    }

    @Override
    public ImmutableMap<String, Double> figures(INDArray candidate, INDArray reference, LayerStack stack) {
        return figures(answers(candidate, LanguageStack.require(stack)));
    }
}
