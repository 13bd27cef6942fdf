package org.laco.measure;

import com.google.common.base.Supplier;
import com.google.common.base.Suppliers;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.math.Quantiles;
import java.util.Collections;
import java.util.stream.Collectors;
import org.laco.stack.Calibration;
import org.laco.stack.LanguageStack;
import org.laco.stack.LayerStack;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The metrics by name, and the figures that a record holds. */
public final class Metrics {
    private static final ImmutableList<Metric> ALL = ImmutableList.of(
            new FlattenedCosine(),
            new TokenCosine(),
            new LastTokenCosine(),
            new RelativeError(),
            new Divergence(),
            new Likelihood());

    private Metrics() {}

    /**
     * Returns all metrics.
     *
     * @return the metrics, the paper's first
     */
    public static ImmutableList<Metric> all() {
        return ALL;
    }

    /**
     * Returns the paper's metric, the cosine of the flattened final hidden states.
     *
     * @return {@code cosine}
     */
    public static Metric cosine() {
        return ALL.get(0);
    }

    /**
     * Returns the mean log-probability of the calibration's own tokens, each after those before it.
     *
     * @return {@code likelihood}, for language models only
     */
    public static Metric likelihood() {
        return ALL.get(5);
    }

    /**
     * Returns the negative Kullback-Leibler divergence of the next-token distributions from the original's.
     *
     * @return {@code kl}, for language models only
     */
    public static Metric divergence() {
        return ALL.get(4);
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
        return ALL.stream()
                .filter(metric -> metric.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("unknown metric " + name + ", expected one of "
                        + ALL.stream().map(Metric::name).collect(Collectors.joining(", "))));
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
        Supplier<NextTokens> nextTokens =
                Suppliers.memoize(() -> NextTokens.of(candidate, reference, stack, calibration));
        for (Metric metric : ALL) {
            if (metric.needsLogits() && !(LanguageStack.of(stack).isPresent() && calibration.isTokens())) {
                continue;
            }
            ImmutableList<Double> each;
            if (metric instanceof Divergence) {
                each = nextTokens.get().divergences();
            } else if (metric instanceof Likelihood) {
                each = nextTokens.get().likelihoods();
            } else {
                each = metric.perSequence(candidate, reference, stack, calibration);
            }
            if (each.stream().anyMatch(value -> value.isNaN())) {
                continue;
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
        return figures.buildOrThrow();
    }

    /**
     * Returns how many float32 elements comparing next-token distributions holds at once.
     *
     * @param rows the number of rows that are compared
     * @param vocabulary the number of tokens, 0 if the stack is no language model
     * @return the number of elements
     */
    public static long logitElements(long rows, long vocabulary) {
        return LogitBlock.elements(rows, vocabulary);
    }
}
