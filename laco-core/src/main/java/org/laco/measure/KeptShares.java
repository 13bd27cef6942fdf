package org.laco.measure;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.primitives.ImmutableDoubleArray;
import java.util.stream.IntStream;

/**
 * What share of an original's scores on several tasks a model has kept, by the two ways that papers have. Each is NaN where there is
 * nothing to divide by: where the original scores 0, or is not above chance where that is taken off.
 *
 * <pre>{@code
 * KeptShares kept = KeptShares.of(ImmutableDoubleArray.of(.4, .6), ImmutableDoubleArray.of(.5, .8));
 * kept.meanOfRatios();   // (.4 / .5 + .6 / .8) / 2 = 0.775
 * kept.ratioOfMeans();   // (.4 + .6) / (.5 + .8) = 0.769
 * }</pre>
 *
 * @param meanOfRatios the mean over the tasks of score by original's score
 * @param ratioOfMeans the mean score by the mean of the original's scores
 */
public record KeptShares(double meanOfRatios, double ratioOfMeans) {
    /**
     * Compares scores with those of an original.
     *
     * @param scores one score a task, from 0 to 1
     * @param originals the original's, in the same order
     * @return the shares
     * @throws IllegalArgumentException if there is no score, or there are not as many of both
     */
    public static KeptShares of(ImmutableDoubleArray scores, ImmutableDoubleArray originals) {
        requireSameTasks(scores, originals, "originals");
        double ratios = 0;
        double sum = 0;
        double originalSum = 0;
        for (int task = 0; task < scores.length(); task++) {
            ratios += share(scores.get(task), originals.get(task));
            sum += scores.get(task);
            originalSum += originals.get(task);
        }
        return new KeptShares(ratios / scores.length(), share(sum, originalSum));
    }

    /**
     * Compares by how much scores and originals are above those of guessing.
     *
     * @param scores one score a task, from 0 to 1
     * @param originals the original's, in the same order
     * @param chances what guessing scores, in the same order
     * @return the shares of what is above chance, negative for a model that is below it
     * @throws IllegalArgumentException if there is no score, or there are not as many of each
     */
    public static KeptShares aboveChance(
            ImmutableDoubleArray scores, ImmutableDoubleArray originals, ImmutableDoubleArray chances) {
        requireSameTasks(scores, chances, "chances");
        requireSameTasks(originals, chances, "chances");
        return of(difference(scores, chances), difference(originals, chances));
    }

    /** A score by that of the original; NaN if that is not above 0. */
    static double share(double score, double original) {
        return original > 0 ? score / original : Double.NaN;
    }

    private static void requireSameTasks(ImmutableDoubleArray scores, ImmutableDoubleArray others, String what) {
        checkArgument(
                !scores.isEmpty() && scores.length() == others.length(),
                "there are %s scores and %s %s, expected one of each a task",
                scores.length(),
                others.length(),
                what);
    }

    private static ImmutableDoubleArray difference(ImmutableDoubleArray from, ImmutableDoubleArray by) {
        return ImmutableDoubleArray.copyOf(IntStream.range(0, from.length()).mapToDouble(i -> from.get(i) - by.get(i)));
    }
}
