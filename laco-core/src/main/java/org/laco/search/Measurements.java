package org.laco.search;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
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
    private final List<MeasuredScore> measured = new ArrayList<>();
    private final List<MeasuredScore> elsewhere = new ArrayList<>();
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
        return by(new Key(evaluator.metric(), evaluator.tolerance(), Optional.empty()));
    }

    /** Returns the scores by an evaluator's metric on a part of the sequences. */
    ScoreCache by(Evaluator evaluator, Sample sample) {
        return by(new Key(evaluator.metric(), evaluator.tolerance(), Optional.of(sample)));
    }

    private ScoreCache by(Key key) {
        return scores.computeIfAbsent(key, wanted -> {
            ScoreCache cache = new ScoreCache((kind, fit, plan, score) -> measured.add(
                    new MeasuredScore(wanted.metric.name(), wanted.tolerance, wanted.sample, kind, fit, plan, score)));
            elsewhere.stream().filter(wanted::isOf).forEach(cache::add);
            return cache;
        });
    }

    /**
     * Returns the scores that were measured, in their order, without those of plans whose score nothing asks for again.
     *
     * @param first how many of the first ones are left out
     * @return the others
     */
    public ImmutableList<MeasuredScore> measuredSince(int first) {
        return ImmutableList.copyOf(measured.subList(first, measured.size()));
    }

    /**
     * Returns how many scores were measured.
     *
     * @return the number, without those that were {@link #add added}
     */
    public int measuredCount() {
        return measured.size();
    }

    /**
     * Takes over scores that others have measured on the same model and calibration, as if they had been measured here. They serve
     * searches by the metric and the fit of the same name.
     *
     * @param known the scores
     */
    public void add(List<MeasuredScore> known) {
        elsewhere.addAll(known);
        scores.forEach((key, cache) -> known.stream().filter(key::isOf).forEach(cache::add));
    }

    /**
     * What must be equal for scores to serve another search.
     *
     * @param metric the metric
     * @param tolerance by how much a screened score may be off
     * @param sample the part of the sequences and tokens that was compared, empty for everything
     */
    private record Key(Metric metric, double tolerance, Optional<Sample> sample) {
        boolean isOf(MeasuredScore score) {
            return metric.name().equals(score.metric())
                    && Double.compare(tolerance, score.tolerance()) == 0
                    && sample.equals(score.sample());
        }
    }

    /** Returns how little layers and runs of layers change the hidden states, measured in one pass when first asked for. */
    LayerSimilarity similarity() {
        if (similarity == null) {
            similarity = LayerSimilarity.measure(stack, calibration, MeasureSettings.defaults());
        }
        return similarity;
    }
}
