package org.laco.measure;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.math.Quantiles;
import java.util.Collections;
import java.util.stream.Collectors;
import org.laco.stack.Calibration;
import org.laco.stack.LanguageStack;
import org.laco.stack.LayerStack;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The metrics by name, and the figures that a record holds.
 *
 * <p>A metric of one's own is handed to a search as it is, and needs no name here.
 */
public final class Metrics {
    private static final Metric COSINE = new FlattenedCosine();
    private static final Metric TOKEN_COSINE = new TokenCosine();
    private static final Metric LAST_TOKEN_COSINE = new LastTokenCosine();
    private static final Metric RELATIVE_ERROR = new RelativeError();
    private static final NextTokenMetric DIVERGENCE = new Divergence();
    private static final NextTokenMetric LIKELIHOOD = new Likelihood();

    private static final ImmutableList<Metric> OF_HIDDEN_STATES =
            ImmutableList.of(COSINE, TOKEN_COSINE, LAST_TOKEN_COSINE, RELATIVE_ERROR);
    private static final ImmutableList<NextTokenMetric> OF_NEXT_TOKENS = ImmutableList.of(DIVERGENCE, LIKELIHOOD);

    private Metrics() {}

    /**
     * Returns the paper's metric, the cosine of the flattened final hidden states.
     *
     * @return {@code cosine}
     */
    public static Metric cosine() {
        return COSINE;
    }

    /**
     * Returns the mean cosine of each token's final hidden states.
     *
     * @return {@code token-cosine}
     */
    public static Metric tokenCosine() {
        return TOKEN_COSINE;
    }

    /**
     * Returns the cosine of the final hidden states of a sequence's last token.
     *
     * @return {@code last-token-cosine}
     */
    public static Metric lastTokenCosine() {
        return LAST_TOKEN_COSINE;
    }

    /**
     * Returns the negative error of the final hidden states, relative to the original's.
     *
     * @return {@code relative-error}
     */
    public static Metric relativeError() {
        return RELATIVE_ERROR;
    }

    /**
     * Returns the negative Kullback-Leibler divergence of the next-token distributions from the original's.
     *
     * @return {@code kl}, for language models only
     */
    public static Metric divergence() {
        return DIVERGENCE;
    }

    /**
     * Returns the mean log-probability of the calibration's own tokens, each after those before it.
     *
     * @return {@code likelihood}, for language models only
     */
    public static Metric likelihood() {
        return LIKELIHOOD;
    }

    /**
     * Returns all metrics of this library.
     *
     * @return those that a record has figures of, in its order
     */
    public static ImmutableList<Metric> all() {
        return ImmutableList.<Metric>builder()
                .addAll(OF_HIDDEN_STATES)
                .addAll(OF_NEXT_TOKENS)
                .build();
    }

    /**
     * Finds a metric.
     *
     * @param name {@code cosine}, {@code token-cosine}, {@code last-token-cosine}, {@code relative-error}, {@code kl} or {@code
     *     likelihood}
     * @return the metric
     * @throws IllegalArgumentException if there is none of that name
     */
    public static Metric named(String name) {
        return all().stream()
                .filter(metric -> metric.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("unknown metric " + name + ", expected one of "
                        + all().stream().map(Metric::name).collect(Collectors.joining(", "))));
    }

    /**
     * Computes the figures that a record holds: of every metric that the stack allows the mean, the minimum and the 10th, 50th and
     * 90th percentile over the sequences.
     *
     * @param candidate the final hidden states of the one model, {@code [rows, width]}
     * @param reference those of the original, of the same shape
     * @param stack the original
     * @param calibration the sequences
     * @return the figures by names such as {@code kl.mean} and {@code kl.p10}
     */
    public static ImmutableMap<String, Double> figures(
            INDArray candidate, INDArray reference, LayerStack stack, Calibration calibration) {
        ImmutableMap.Builder<String, Double> figures = ImmutableMap.builder();
        OF_HIDDEN_STATES.forEach(
                metric -> put(metric, metric.perSequence(candidate, reference, stack, calibration), figures));
        if (LanguageStack.of(stack).isPresent() && calibration.isTokens()) {
            NextTokens nextTokens = NextTokens.of(candidate, reference, stack, calibration);
            OF_NEXT_TOKENS.forEach(metric -> put(metric, metric.perSequence(nextTokens), figures));
        }
        return figures.buildOrThrow();
    }

    private static void put(Metric metric, ImmutableList<Double> each, ImmutableMap.Builder<String, Double> figures) {
        if (each.isEmpty() || each.stream().anyMatch(value -> value.isNaN())) {
            return;
        }
        figures.put(
                metric.name() + ".mean",
                each.stream().mapToDouble(Double::doubleValue).average().orElseThrow());
        figures.put(metric.name() + ".min", Collections.min(each));
        Quantiles.percentiles()
                .indexes(10, 50, 90)
                .compute(each)
                .forEach((percent, value) -> figures.put(metric.name() + ".p" + percent, value));
    }

    /**
     * Returns how many float32 elements comparing next-token distributions holds at once.
     *
     * @param rows the number of rows that are compared
     * @param vocabulary the number of tokens, 0 if the stack is no language model
     * @return the number of elements
     */
    public static long logitElements(long rows, long vocabulary) {
        return LogitTile.elements(rows, vocabulary);
    }
}
