package org.laco.evaluate;

import static java.util.Objects.requireNonNull;

import java.util.Optional;
import org.laco.measure.Metric;

/**
 * How candidates are scored.
 *
 * @param metric what they are scored by
 * @param batching how many it pays to score together
 * @param screening a first look in less precision; empty if every score is float32's
 */
public record EvaluatorSettings(Metric metric, Batching batching, Optional<Screening> screening) {
    /** Checks that nothing is null. */
    public EvaluatorSettings {
        requireNonNull(metric, "metric");
        requireNonNull(batching, "batching");
        requireNonNull(screening, "screening");
    }

    /**
     * Returns by how much a screened score may differ from the confirmed one.
     *
     * @return the margin of the screening, or {@link LocalEvaluator#NOISE} without one; and the step of a metric that counts
     */
    public double tolerance() {
        return screening.map(Screening::margin).orElse(LocalEvaluator.NOISE) + metric.step();
    }
}
