package org.laco.search;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.laco.evaluate.Evaluator;
import org.laco.evaluate.LocalEvaluator;
import org.laco.evaluate.Sample;
import org.laco.measure.LayerSimilarity;
import org.laco.measure.MeasureSettings;
import org.laco.measure.Metric;
import org.laco.stack.Calibration;
import org.laco.stack.LayerStack;

/**
 * What searches of one model have measured, kept for those that follow, so that nothing is measured twice.
 *
 * <p>Several targets of one search then cost little more than the one that removes most, which goes first:
 *
 * <pre>{@code
 * Measurements measurements = Measurements.create();
 * for (int layers : List.of(21, 24, 27)) {
 *     LayerCollapse.builder()
 *             .targetLayers(layers)
 *             .calibration(calibration)
 *             .measurements(measurements)
 *             .build()
 *             .apply(model);
 * }
 * }</pre>
 *
 * <p>Different searches may share an instance too. A number may then differ from that of a search by itself in the way that those of
 * candidates measured together do, by less than {@link LocalEvaluator#NOISE}. What is kept is small: numbers, and no weights. An
 * instance belongs to the first model and calibration that it is used with, and to one thread at a time.
 */
public final class Measurements {
    private final Map<Key, ScoreCache> scores = new HashMap<>();
    private LayerStack stack;
    private Calibration calibration;
    private LayerSimilarity similarity;

    private Measurements() {}

    /**
     * Starts with nothing measured.
     *
     * @return a new instance
     */
    public static Measurements create() {
        return new Measurements();
    }

    /**
     * Binds these measurements to a model and a calibration.
     *
     * @throws IllegalArgumentException if they are of others
     */
    void bind(LayerStack model, Calibration sequences) {
        checkArgument(
                stack == null || stack == model && calibration == sequences,
                "the measurements are of another %s: each model and calibration needs its own",
                stack == model ? "calibration" : "model");
        stack = model;
        calibration = sequences;
    }

    /** Returns the scores by an evaluator's metric and way of screening. */
    ScoreCache by(Evaluator evaluator) {
        return scores.computeIfAbsent(
                new Key(evaluator.metric(), evaluator.tolerance(), Optional.empty()), key -> new ScoreCache());
    }

    /** Returns the scores by an evaluator's metric on a part of the sequences. */
    ScoreCache by(Evaluator evaluator, Sample sample) {
        return scores.computeIfAbsent(
                new Key(evaluator.metric(), evaluator.tolerance(), Optional.of(sample)), key -> new ScoreCache());
    }

    /**
     * What must be equal for scores to serve another search.
     *
     * @param metric the metric
     * @param tolerance by how much a screened score may be off
     * @param sample the part of the sequences and tokens that was compared, empty for everything
     */
    private record Key(Metric metric, double tolerance, Optional<Sample> sample) {}

    /** Returns how little layers and runs of layers change the hidden states, measured in one pass when first asked for. */
    LayerSimilarity similarity() {
        if (similarity == null) {
            similarity = LayerSimilarity.measure(stack, calibration, MeasureSettings.defaults());
        }
        return similarity;
    }
}
