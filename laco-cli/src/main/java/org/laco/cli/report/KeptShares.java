package org.laco.cli.report;

import java.util.stream.IntStream;

/**
 * What share of an original's scores on several tasks a model has kept, by the two ways that papers have. Each is NaN where there is
 * nothing to divide by.
 *
 * @param meanOfRatios the mean over the tasks of score by original's score
 * @param ratioOfMeans the mean score by the mean of the original's scores
 */
record KeptShares(double meanOfRatios, double ratioOfMeans) {
    /** Compares scores with those of an original. */
    static KeptShares of(double[] scores, double[] originals) {
        double ratios = 0;
        double sum = 0;
        double originalSum = 0;
        for (int task = 0; task < scores.length; task++) {
            ratios += share(scores[task], originals[task]);
            sum += scores[task];
            originalSum += originals[task];
        }
        return new KeptShares(ratios / scores.length, share(sum, originalSum));
    }

    /** Compares by how much scores and originals are above those of guessing. */
    static KeptShares aboveChance(double[] scores, double[] originals, double[] chances) {
        return of(difference(scores, chances), difference(originals, chances));
    }

    /** A score by that of the original; NaN if the original has none, or is below chance where that is taken off. */
    static double share(double score, double original) {
        return original > 0 ? score / original : Double.NaN;
    }

    private static double[] difference(double[] from, double[] by) {
        return IntStream.range(0, from.length).mapToDouble(i -> from[i] - by[i]).toArray();
    }
}
