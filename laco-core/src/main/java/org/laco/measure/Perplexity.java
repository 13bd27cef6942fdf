package org.laco.measure;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import com.google.common.primitives.ImmutableDoubleArray;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.LongStream;

/**
 * How well a model predicts a text.
 *
 * <pre>perplexity = exp(−(1/N) Σ log p(token | those before it))</pre>
 *
 * <pre>{@code
 * Perplexity ofText = Perplexity.ofWindows(TokenLogProbabilities.of(model), ids, 512);
 * Perplexity ofLines = Perplexity.ofSequences(TokenLogProbabilities.of(model), lines);
 * }</pre>
 *
 * @param perplexity the exponential of the mean
 * @param meanNegativeLogLikelihood the mean of −log p over all predicted tokens, in nats
 * @param tokens the number N of predicted tokens
 */
public record Perplexity(double perplexity, double meanNegativeLogLikelihood, long tokens) {
    /**
     * Measures a text in windows that don't overlap; the last, partial one is dropped, and the first token of each is not predicted.
     *
     * @param model the model's log-probabilities
     * @param ids the token ids of the whole text
     * @param window the number of tokens of a window, at least 2
     * @return the perplexity
     * @throws IllegalArgumentException if the text is shorter than a window, or an id is not in the vocabulary
     */
    public static Perplexity ofWindows(TokenLogProbabilities model, int[] ids, int window) {
        return ofWindows(model, ids, window, OptionalLong.empty());
    }

    /**
     * Measures the beginning of a text in windows that don't overlap; the last, partial one is dropped, and the first token of each
     * is not predicted.
     *
     * @param model the model's log-probabilities
     * @param ids the token ids of the whole text
     * @param window the number of tokens of a window, at least 2
     * @param maxTokens how many of the ids are used at most; all if it is empty
     * @return the perplexity
     * @throws IllegalArgumentException if the used text is shorter than a window, or an id is not in the vocabulary
     */
    public static Perplexity ofWindows(TokenLogProbabilities model, int[] ids, int window, OptionalLong maxTokens) {
        checkArgument(window >= 2, "a window needs at least 2 tokens, not %s", window);
        int used = (int) Math.min(ids.length, maxTokens.orElse(ids.length));
        checkArgument(used >= window, "the text has %s tokens, which is less than one window of %s", used, window);
        return ofSequences(
                model,
                LongStream.range(0, used / window)
                        .mapToObj(i -> Arrays.copyOfRange(ids, (int) (i * window), (int) ((i + 1) * window)))
                        .toList());
    }

    /**
     * Measures documents on their own, the mean taken over the predicted tokens of all of them.
     *
     * @param model the model's log-probabilities
     * @param sequences the token ids of each document with its special tokens; the first token of each is not predicted
     * @return the perplexity
     * @throws IllegalArgumentException if no sequence has two tokens, one is empty, or an id is not in the vocabulary
     */
    public static Perplexity ofSequences(TokenLogProbabilities model, List<int[]> sequences) {
        checkArgument(
                sequences.stream().anyMatch(ids -> ids.length > 1),
                "there is no token to predict: expected a sequence of at least 2 tokens");
        ImmutableList<ImmutableDoubleArray> scores = model.compute(sequences);
        long tokens = scores.stream().mapToLong(ImmutableDoubleArray::length).sum();
        double mean =
                -scores.stream().flatMapToDouble(ImmutableDoubleArray::stream).sum() / tokens;
        return new Perplexity(Math.exp(mean), mean, tokens);
    }
}
