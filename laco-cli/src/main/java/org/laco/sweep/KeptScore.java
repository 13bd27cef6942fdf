package org.laco.sweep;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How much of the original's quality a smaller model has kept.
 *
 * @param accuracy the accuracy as a share of the original's, null if no questions were asked or the original answered none right
 * @param perplexityRatio on each text the perplexity divided by the original's, 1 if none was lost
 */
record KeptScore(Double accuracy, Map<String, Double> perplexityRatio) {
    /** Compares a point with that of the original among all; without one there is nothing to compare with. */
    static KeptScore of(SweepPoint point, List<SweepPoint> points) {
        return points.stream()
                .filter(one -> one.method().equals(SweepPoint.ORIGINAL))
                .findFirst()
                .map(original -> of(point, original))
                .orElse(new KeptScore(null, Map.of()));
    }

    private static KeptScore of(SweepPoint point, SweepPoint original) {
        Map<String, Double> ratios = new LinkedHashMap<>();
        original.perplexity().forEach((text, dense) -> {
            Double perplexity = point.perplexity().get(text);
            if (perplexity != null) {
                ratios.put(text, perplexity / dense);
            }
        });
        boolean scored = point.accuracy() != null && original.accuracy() != null && original.accuracy() > 0;
        return new KeptScore(scored ? (Double) (point.accuracy() / original.accuracy()) : null, ratios);
    }
}
