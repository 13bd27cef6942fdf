package org.laco.fit;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.laco.stack.Calibration;

/**
 * Finds the best of several weights of a layer: all are compared on some of the rows and tokens, the best few and the first, which is the layer
 * as it is, on everything.
 */
final class WeightChoice {
    /** Rows of which all weights are compared before the best few of them are on everything. */
    static final int SAMPLE_ROWS = 256;

    /** How many weights are compared on everything, beside the layer as it is. */
    private static final int FINALISTS = 3;
    /** The most rows that the layers above are run on at once, unless a batch alone has more. */
    private static final int ROWS_AT_ONCE = 1024;

    /**
     * Weights that are compared in one pass.
     *
     * @param sample whether on some of the rows and tokens
     * @param member on which of the batches that judge
     * @param weights the numbers of the weights
     */
    record Pass(boolean sample, int member, ImmutableList<Integer> weights) {}

    /** What tells scores, wherever they are computed. */
    interface Scores {
        /** Returns for each pass the scores of its weights, more being better. */
        List<double[]> of(List<Pass> passes);
    }

    private final int weights;
    private final List<Calibration> members;
    private final Scores scores;

    /**
     * Prepares a choice.
     *
     * @param weights the number of weights
     * @param members the batches that judge, at least one
     * @param scores who computes
     */
    WeightChoice(int weights, List<Calibration> members, Scores scores) {
        this.weights = weights;
        this.members = members;
        this.scores = scores;
    }

    /** Returns the number of the best weight, the first of equal ones. */
    int best() {
        ImmutableList<Integer> all = IntStream.range(0, weights).boxed().collect(ImmutableList.toImmutableList());
        ImmutableList<Integer> finalists = weights <= 1 + FINALISTS ? all : finalists(all);
        List<Pass> passes = new ArrayList<>();
        for (int member = 0; member < members.size(); member++) {
            passes.addAll(passes(false, member, members.get(member), finalists));
        }
        double[] sums = new double[weights];
        add(passes, sums);
        int best = 0;
        for (int weight : finalists) {
            // A number that isn't finite is never better.
            if (sums[weight] > sums[best]) {
                best = weight;
            }
        }
        return best;
    }

    private ImmutableList<Integer> finalists(ImmutableList<Integer> all) {
        double[] sampled = new double[weights];
        add(passes(true, 0, members.get(0).first(SAMPLE_ROWS), all), sampled);
        return Stream.concat(
                        Stream.of(0),
                        all.stream()
                                .skip(1)
                                .filter(weight -> !Double.isNaN(sampled[weight]))
                                .sorted(Comparator.comparingDouble(weight -> -sampled[weight]))
                                .limit(FINALISTS)
                                .sorted())
                .collect(ImmutableList.toImmutableList());
    }

    /** Divides weights among passes, in each about as many as have enough rows together. */
    private static List<Pass> passes(
            boolean sample, int member, Calibration sequences, ImmutableList<Integer> weights) {
        int atOnce = Math.max(1, ROWS_AT_ONCE / sequences.layout().rows());
        int count = (weights.size() + atOnce - 1) / atOnce;
        return IntStream.range(0, count)
                .mapToObj(i -> new Pass(
                        sample, member, weights.subList(i * weights.size() / count, (i + 1) * weights.size() / count)))
                .toList();
    }

    private void add(List<Pass> passes, double[] sums) {
        List<double[]> each = scores.of(passes);
        for (int i = 0; i < passes.size(); i++) {
            for (int j = 0; j < passes.get(i).weights().size(); j++) {
                sums[passes.get(i).weights().get(j)] += each.get(i)[j];
            }
        }
    }
}
