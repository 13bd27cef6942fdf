package org.laco.search;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableMap;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.laco.measure.Evaluation;
import org.laco.merge.MergeRule;
import org.laco.plan.CollapsePlan;
import org.laco.stack.Calibration;
import org.laco.stack.LayerStack;

/**
 * The schedule of the paper (arXiv 2402.11187, Algorithm 1).
 *
 * @param low the lowest base layer L
 * @param high the layer H at which the search starts from above, or {@link #ALL_LAYERS}
 * @param layersPerMerge the number C of layers that one merge makes into one
 * @param interval the number I of layers that the base layer moves down after an accepted merge
 * @param threshold the similarity T that a candidate has to exceed
 */
public record LacoSearch(int low, int high, int layersPerMerge, int interval, double threshold) implements Search {
    /** Stands for the number of the model's layers as the range's high end. */
    public static final int ALL_LAYERS = Integer.MAX_VALUE;

    @Override
    public String name() {
        return "laco";
    }

    @Override
    public ImmutableMap<String, Object> parameters() {
        ImmutableMap.Builder<String, Object> parameters = ImmutableMap.builder();
        parameters.put("low", low);
        if (high != ALL_LAYERS) {
            parameters.put("high", high);
        }
        return parameters
                .put("layersPerMerge", layersPerMerge)
                .put("interval", interval)
                .put("threshold", threshold)
                .buildOrThrow();
    }

    @Override
    public boolean measuresCloseCallsAgain() {
        return true;
    }

    @Override
    public void check(int layers) {
        int top = high == ALL_LAYERS ? layers : high;
        checkArgument(
                top <= layers,
                "the range [%s, %s] is outside the model, which has %s layers: its high end may be at most %s",
                low,
                top,
                layers,
                layers);
        checkArgument(
                top - layersPerMerge >= low,
                "merges of %s layers do not fit the range [%s, %s]: at most %s layers fit",
                layersPerMerge,
                low,
                top,
                top - low);
    }

    /**
     * Foresees what a search costs.
     *
     * @param stack the stack, none of whose weights are read
     * @param calibration the sequences
     * @param rule how linear weights are merged
     * @param candidatesAtOnce how many candidates are measured together at most
     * @param wholePasses whether waves grow at once to what memory allows
     * @return the cost if no candidate is accepted
     */
    public Forecast forecast(
            LayerStack stack, Calibration calibration, MergeRule rule, int candidatesAtOnce, boolean wholePasses) {
        check(stack.layerCount());
        return Forecast.of(this, stack, calibration, rule, candidatesAtOnce, wholePasses);
    }

    @Override
    public CollapsePlan search(SearchSession session) {
        // Step 1: start with the base layer C below the top of the range.
        int layer = (high == ALL_LAYERS ? session.current().size() : high) - layersPerMerge;
        int refused = 0;
        while (layer >= low) {
            measureAhead(session, layer, refused + 1);
            // Step 2: merge as many of the C - 1 following layers as there are. There is one at least: the range ends
            // inside the model, and a merge at l leaves l + 1 layers or more, so that the next base layer has one above
            // it. The authors' code also lets the range end outside the model, and then accepts candidates that merge
            // nothing.
            int merged = Math.min(layersPerMerge - 1, session.current().size() - layer - 1);
            if (accepts(session, layer, merged)) {
                // Step 3: go on I layers below an accepted merge.
                layer -= interval;
                refused = 0;
            } else {
                // Step 4: a candidate that is refused moves the base layer down by one.
                layer--;
                refused++;
            }
        }
        return session.current();
    }

    /**
     * Measures the candidates of the next base layers together, mostly of as many as were refused in a row and one more: after an
     * acceptance they are others, so that at most as many are measured in vain as were needed.
     */
    private void measureAhead(SearchSession session, int layer, int likely) {
        List<CollapsePlan> candidates = new ArrayList<>();
        for (int base = layer; base >= low; base--) {
            List<CollapsePlan> some = candidates(session, base);
            if (!candidates.isEmpty()
                    && candidates.size() + some.size() > session.candidatesAhead(likely * some.size())) {
                break;
            }
            if (session.difference(some.get(0), base).isEmpty()) {
                if (candidates.isEmpty() && some.stream().allMatch(session::knows)) {
                    return;
                }
                candidates.addAll(some);
            }
        }
        session.evaluate(candidates);
    }

    private List<CollapsePlan> candidates(SearchSession session, int layer) {
        CollapsePlan current = session.current();
        return session.merges(current, layer, Math.min(layersPerMerge - 1, current.size() - layer - 1));
    }

    private boolean accepts(SearchSession session, int layer, int merged) {
        List<CollapsePlan> candidates = candidates(session, layer);
        Optional<String> difference = session.difference(candidates.get(0), layer);
        if (difference.isPresent()) {
            session.reject(CollapseStep.skipped(layer, merged, difference.get()));
            return false;
        }
        CollapsePlan candidate = session.mostSimilar(candidates, layer, merged);
        Evaluation evaluation = session.evaluate(candidate);
        if (Math.abs(evaluation.similarity() - threshold) < session.noise()) {
            evaluation = session.evaluateAlone(candidate);
        }
        boolean accepted = evaluation.similarity() > threshold;
        CollapseStep step = CollapseStep.evaluated(layer, merged, candidate.rule(layer), evaluation, accepted);
        if (accepted) {
            session.accept(candidate, step);
        } else {
            session.reject(step);
        }
        return accepted;
    }
}
