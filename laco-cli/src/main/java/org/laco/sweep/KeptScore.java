package org.laco.sweep;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.laco.measure.KeptShares;

/**
 * How much of the original's quality a smaller model has kept.
 *
 * @param accuracy the accuracy as a share of the original's, null if no questions were asked or the original answered none right
 * @param perplexityRatio on each text the perplexity divided by the original's, 1 if none was lost
 * @param tasks what shares of the original's scores on tasks are kept, by the figure's name, empty if there are no tasks
 */
record KeptScore(Double accuracy, Map<String, Double> perplexityRatio, Map<String, KeptShares> tasks) {
    /** Compares a point with that of the original among all; without one there is nothing to compare with. */
    static KeptScore of(SweepPoint point, List<SweepPoint> points) {
        return points.stream()
                .filter(one -> one.method().equals(SweepPoint.ORIGINAL))
                .findFirst()
                .map(original -> of(point, original))
                .orElse(new KeptScore(null, Map.of(), Map.of()));
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
        return new KeptScore(
                scored ? (Double) (point.accuracy() / original.accuracy()) : null,
                ratios,
                TaskPoint.kept(point.tasks(), original.tasks()));
    }
}
