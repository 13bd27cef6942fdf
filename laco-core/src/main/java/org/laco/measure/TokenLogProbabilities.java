package org.laco.measure;

import static java.util.Objects.requireNonNull;

import com.google.common.collect.ImmutableList;
import com.google.common.primitives.ImmutableDoubleArray;
import com.google.common.primitives.Ints;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntUnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.laco.stack.Branching;
import org.laco.stack.Calibration;
import org.laco.stack.LanguageStack;
import org.laco.tensor.SequenceLayout;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Computes the natural logarithm of the probability that a model gives to each token of a sequence after those before it.
 *
 * <pre>{@code
 * TokenLogProbabilities probabilities = TokenLogProbabilities.of(model);
 * ImmutableDoubleArray one = probabilities.compute(List.of(new int[] {0, 17, 4})).get(0);
 * one.get(0);   // log p(17 | 0)
 * one.get(1);   // log p(4 | 0, 17)
 * }</pre>
 *
 * <p>Logits are float32, their normalisation is summed in double. An instance is immutable and safe for use by several threads.
 */
public final class TokenLogProbabilities {
    private final LanguageStack model;
    private final MeasureSettings settings;

    private TokenLogProbabilities(LanguageStack model, MeasureSettings settings) {
        this.model = LanguageStack.require(requireNonNull(model, "model"));
        this.settings = requireNonNull(settings, "settings");
    }

    /**
     * Asks a model with the default settings.
     *
     * @param model the model
     * @return the measure
     */
    public static TokenLogProbabilities of(LanguageStack model) {
        return of(model, MeasureSettings.defaults());
    }

    /**
     * Asks a model.
     *
     * @param model the model
     * @param settings how the work is divided
     * @return the measure
     */
    public static TokenLogProbabilities of(LanguageStack model, MeasureSettings settings) {
        return new TokenLogProbabilities(model, settings);
    }

    /**
     * Computes log-probabilities of all tokens but the first of each sequence.
     *
     * @param sequences token ids, special tokens included
     * @return for each sequence log p of its tokens 1, 2, …
     * @throws IllegalArgumentException if there is no sequence, one is empty, or an id is not in the vocabulary
     * @throws ArithmeticException if a probability is not a number; the message names the sequence and the position
     * @throws java.util.concurrent.CancellationException if the thread is interrupted
     */
    public ImmutableList<ImmutableDoubleArray> compute(List<int[]> sequences) {
        return compute(sequences, sequence -> 1);
    }

    /**
     * Computes log-probabilities of the tokens from a position on, as those of a choice after its context.
     *
     * @param sequences token ids, special tokens included
     * @param from gives the first position to be scored of the sequence of a number, at least 1
     * @return for each sequence log p of its tokens {@code from}, {@code from + 1}, …
     * @throws IllegalArgumentException if there is no sequence, one is empty, an id is not in the vocabulary, or a position is below 1
     *     or beyond the sequence's length
     * @throws ArithmeticException if a probability is not a number; the message names the sequence and the position
     * @throws java.util.concurrent.CancellationException if the thread is interrupted
     */
    public ImmutableList<ImmutableDoubleArray> compute(List<int[]> sequences, IntUnaryOperator from) {
        Calibration input = TokenSequences.check(model, sequences);
        return run(input, SequenceBatch.divide(input, settings.batchRows()), ScoredEnd.of(sequences, from));
    }

    /**
     * Computes log-probabilities of the ends of sequences of which several begin alike, as those of a question's choices with its context.
     *
     * <p>What the sequences of a group begin with is run once, if the model can, which changes results by no more than rounding does. A
     * sequence's last token isn't run, since nothing after it is asked for.
     *
     * @param from gives the first position to be scored of the sequence of a number
     * @param group gives the group of the sequence of a number, at least 0
     */
    ImmutableList<ImmutableDoubleArray> computeSharing(
            List<int[]> sequences, IntUnaryOperator from, IntUnaryOperator group) {
        TokenSequences.check(model, sequences);
        ImmutableList<ScoredEnd> ends = ScoredEnd.of(sequences, from);
        Calibration input = Calibration.ofTokens(sequences.stream()
                .map(ids -> Arrays.copyOf(ids, Math.max(1, ids.length - 1)))
                .toList());
        return run(input, SequenceBatch.share(input, groups(input.layout(), group), settings.batchRows()), ends);
    }

    /** Gives each sequence of a group one of its own if the model takes none that long that continues another. */
    private int[] groups(SequenceLayout layout, IntUnaryOperator group) {
        int[] groups = IntStream.range(0, layout.count()).map(group).toArray();
        int longest = Branching.longestBranch(model);
        Set<Integer> apart = IntStream.range(0, layout.count())
                .filter(i -> layout.length(i) > longest)
                .mapToObj(i -> groups[i])
                .collect(Collectors.toSet());
        int next = Arrays.stream(groups).max().orElseThrow() + 1;
        return IntStream.range(0, groups.length)
                .map(i -> apart.contains(groups[i]) ? next + i : groups[i])
                .toArray();
    }

    private ImmutableList<ImmutableDoubleArray> run(
            Calibration input, ImmutableList<SequenceBatch> batches, ImmutableList<ScoredEnd> ends) {
        double[][] results = ends.stream().map(end -> new double[end.length()]).toArray(double[][]::new);
        long rows = batches.stream().mapToLong(batch -> batch.layout().rows()).sum();
        Progress progress = new Progress(settings.listener(), (model.layerCount() + 1.0) * rows);
        long groupRows = settings.hiddenBytes() / Float.BYTES / LayerwisePass.width(model, input);
        try (LayerwisePass run = new LayerwisePass(model, progress)) {
            for (ImmutableList<SequenceBatch> group : SequenceBatch.group(batches, groupRows)) {
                List<INDArray> outputs = run.outputs(group);
                try {
                    for (int i = 0; i < group.size(); i++) {
                        score(group.get(i), outputs.get(i), ends, results);
                        progress.advance(group.get(i).layout().rows());
                    }
                } finally {
                    outputs.forEach(INDArray::close);
                }
            }
        }
        return Arrays.stream(results).map(ImmutableDoubleArray::copyOf).collect(ImmutableList.toImmutableList());
    }

    /** A token whose probability is asked for: that of a number among those that are scored of a sequence. */
    private record Asked(int sequence, int index) {}

    /** Fills in the log-probabilities of a batch. Where several sequences share a row, its distribution is computed once for all. */
    private void score(SequenceBatch batch, INDArray output, ImmutableList<ScoredEnd> ends, double[][] results) {
        Map<Integer, List<Asked>> asked = new LinkedHashMap<>();
        for (int member = 0; member < batch.members().size(); member++) {
            int sequence = batch.members().get(member);
            for (int i = 0; i < results[sequence].length; i++) {
                int before = batch.row(member, ends.get(sequence).from() + i - 1);
                asked.computeIfAbsent(before, row -> new ArrayList<>()).add(new Asked(sequence, i));
            }
        }
        int[] rows = Ints.toArray(asked.keySet());
        int[][] tokens = asked.values().stream()
                .map(some -> some.stream()
                        .mapToInt(token -> ends.get(token.sequence).token(token.index))
                        .toArray())
                .toArray(int[][]::new);
        double[][] scores = new ChosenTokens(model, output).logProbabilities(rows, tokens);
        for (int row = 0; row < rows.length; row++) {
            List<Asked> of = asked.get(rows[row]);
            for (int i = 0; i < of.size(); i++) {
                TokenSequences.requireNumber(scores[row][i], "log-probability", batch, rows[row]);
                results[of.get(i).sequence][of.get(i).index] = scores[row][i];
            }
        }
    }
}
