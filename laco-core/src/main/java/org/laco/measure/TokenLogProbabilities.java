package org.laco.measure;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import com.google.common.collect.ImmutableList;
import com.google.common.primitives.ImmutableDoubleArray;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
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
        this.model = requireNonNull(model, "model");
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
        double[][] results = new double[sequences.size()][];
        for (int i = 0; i < results.length; i++) {
            int first = from.applyAsInt(i);
            int length = input.layout().length(i);
            checkArgument(
                    first >= 1 && first <= length,
                    "sequence %s: tokens are scored from position %s, expected 1 to %s",
                    i,
                    first,
                    length);
            results[i] = new double[length - first];
        }
        Progress progress = new Progress(
                settings.listener(), (model.layerCount() + 1.0) * input.layout().rows());
        long groupRows = settings.hiddenBytes() / Float.BYTES / LayerwisePass.width(model, input);
        try (LayerwisePass run = new LayerwisePass(model, progress)) {
            for (ImmutableList<SequenceBatch> group :
                    SequenceBatch.group(SequenceBatch.divide(input, settings.batchRows()), groupRows)) {
                List<INDArray> outputs = run.outputs(group);
                try {
                    for (int i = 0; i < group.size(); i++) {
                        score(group.get(i), outputs.get(i), results);
                        progress.advance(group.get(i).layout().rows());
                    }
                } finally {
                    outputs.forEach(INDArray::close);
                }
            }
        }
        return Arrays.stream(results).map(ImmutableDoubleArray::copyOf).collect(ImmutableList.toImmutableList());
    }

    /** Fills in the log-probabilities of a batch: the last ones of each sequence, as many as its result holds. */
    private void score(SequenceBatch batch, INDArray output, double[][] results) {
        SequenceLayout layout = batch.layout();
        int[] rows = IntStream.range(0, layout.count())
                .flatMap(i -> {
                    int last = layout.start(i) + layout.length(i) - 1;
                    return IntStream.range(last - results[batch.members().get(i)].length, last);
                })
                .toArray();
        int[] next = IntStream.range(0, layout.count())
                .flatMap(i -> Arrays.stream(batch.input().tokens(i))
                        .skip(layout.length(i) - results[batch.members().get(i)].length))
                .toArray();
        double[] scores = score(batch, output, rows, next);
        int at = 0;
        for (int member : batch.members()) {
            System.arraycopy(scores, at, results[member], 0, results[member].length);
            at += results[member].length;
        }
    }

    private double[] score(SequenceBatch batch, INDArray output, int[] rows, int[] next) {
        double[] scores = new double[rows.length];
        LogitTile.forEach(model, output, rows, (block, from, to) -> {
            double[] part = block.logProbabilities(Arrays.copyOfRange(next, from, to));
            System.arraycopy(part, 0, scores, from, part.length);
        });
        for (int i = 0; i < scores.length; i++) {
            TokenSequences.requireNumber(scores[i], "log-probability", batch, rows[i]);
        }
        return scores;
    }
}
