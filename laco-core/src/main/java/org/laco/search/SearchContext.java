package org.laco.search;

import static java.util.Objects.requireNonNull;

import com.google.common.collect.ImmutableList;
import java.util.List;
import java.util.Optional;
import org.laco.evaluate.Evaluator;
import org.laco.evaluate.FittedSpans;
import org.laco.evaluate.Sample;
import org.laco.fit.Fit;
import org.laco.fit.FitListener;
import org.laco.fit.FitPass;
import org.laco.measure.LayerSimilarity;
import org.laco.merge.MergeRules;
import org.laco.merge.NormPolicy;
import org.laco.plan.CollapsePlan;
import org.laco.plan.MergedLayer;
import org.laco.plan.PlannedLayer;
import org.laco.stack.Calibration;
import org.laco.stack.Fittable;
import org.laco.stack.LayerCompatibility;
import org.laco.stack.LayerStack;

/** What a search works with: the model's layers, how they are merged and fitted, the size to come down to, and the scores. */
public final class SearchContext {
    private final LayerStack stack;
    private final Calibration calibration;
    private final Evaluator evaluator;
    private final SearchSettings settings;
    private final Measurements measurements;
    private final FitListener listener;
    private final CandidateScores scores;

    private SearchContext(SearchContext whole, Evaluator evaluator, CandidateScores scores) {
        this.stack = whole.stack;
        this.calibration = whole.calibration;
        this.settings = whole.settings;
        this.measurements = whole.measurements;
        this.listener = whole.listener;
        this.evaluator = evaluator;
        this.scores = scores;
    }

    private SearchContext(
            LayerStack stack,
            Calibration calibration,
            Evaluator evaluator,
            SearchSettings settings,
            Measurements measurements,
            FitListener listener) {
        this.stack = stack;
        this.calibration = calibration;
        this.evaluator = evaluator;
        this.settings = settings;
        this.measurements = measurements;
        this.listener = listener;
        this.scores = new CandidateScores(evaluator, measurements.by(evaluator));
    }

    /**
     * Prepares a search.
     *
     * @param stack the original model
     * @param calibration the sequences on which candidates are scored
     * @param evaluator what scores them
     * @param settings how layers are merged and fitted, and the size to come down to
     * @param measurements what was measured before, and receives what is measured now
     * @param listener receives the outcome of fits
     * @return the context
     * @throws IllegalArgumentException if the measurements are of another model or calibration
     */
    public static SearchContext of(
            LayerStack stack,
            Calibration calibration,
            Evaluator evaluator,
            SearchSettings settings,
            Measurements measurements,
            FitListener listener) {
        measurements.bind(stack, calibration);
        return new SearchContext(
                stack,
                calibration,
                evaluator,
                requireNonNull(settings, "settings"),
                measurements,
                requireNonNull(listener, "listener"));
    }

    /**
     * Returns this context with candidates scored on a part of what they are scored on here.
     *
     * @param sample the part
     * @return a context whose scores are known and kept apart from those of this one; this one where the metric {@linkplain
     *     org.laco.measure.Metric#step counts}, of which a part says too little
     */
    public SearchContext sampled(Sample sample) {
        if (evaluator.metric().step() > 0) {
            return this;
        }
        Evaluator less = evaluator.sampled(sample);
        return new SearchContext(this, less, new CandidateScores(less, measurements.by(evaluator, sample)));
    }

    /**
     * Returns the number of layers of the original model.
     *
     * @return at least 1
     */
    public int layerCount() {
        return stack.layerCount();
    }

    /**
     * Returns the plan that changes nothing.
     *
     * @return the original model's plan
     */
    public CollapsePlan original() {
        return CollapsePlan.identity(stack.layerCount());
    }

    /**
     * Returns the number of layers to come down to.
     *
     * @return the target, from 1 to the model's number of layers
     * @throws IllegalStateException if there is none
     */
    public int target() {
        return settings.target().orElseThrow(() -> new IllegalStateException("the search needs a target"));
    }

    /**
     * Returns the scores of candidates.
     *
     * @return what is known, and what the evaluator says
     */
    public CandidateScores scores() {
        return scores;
    }

    /**
     * Merges layers of a plan with the search's rule and norm policy.
     *
     * @param plan the plan
     * @param layer the base layer l
     * @param following the number m of following layers
     * @return the candidates, several if the rule is a choice among some
     */
    public ImmutableList<CollapsePlan> merges(CollapsePlan plan, int layer, int following) {
        return settings.rule().choices(following + 1).stream()
                .map(one -> plan.merge(layer, following, one, settings.norms()))
                .collect(ImmutableList.toImmutableList());
    }

    /**
     * Merges layers of a plan with the search's rule and norm policy, as {@link #merges} does, where layers of several kinds alternate: what
     * is merged are the layers of the base layer's kind, and the others between and above them are left out. If none is of that kind, all
     * are left out but the base layer.
     *
     * @param plan the plan
     * @param layer the base layer l
     * @param following the number m of layers that follow it and are merged or left out
     * @return the candidates, several if the rule is a choice among some
     */
    public ImmutableList<CollapsePlan> spans(CollapsePlan plan, int layer, int following) {
        ImmutableList<PlannedLayer> parts = kinds(plan.layers().subList(layer, layer + following + 1));
        if (parts.size() == following + 1) {
            return merges(plan, layer, following);
        }
        if (parts.size() == 1) {
            return ImmutableList.of(plan.replace(layer, following, parts.get(0)));
        }
        return settings.rule().choices(parts.size()).stream()
                .map(one -> new MergedLayer(one, settings.norms(), parts))
                .map(merged -> merged.dropsOthers()
                        ? plan.merge(layer, following, merged.rule(), settings.norms())
                        : plan.replace(layer, following, merged))
                .collect(ImmutableList.toImmutableList());
    }

    /** Divides layers among those of the first one's kind: each of these with the layers after it that are left out. */
    private ImmutableList<PlannedLayer> kinds(List<PlannedLayer> layers) {
        ImmutableList.Builder<PlannedLayer> parts = ImmutableList.builder();
        int base = layers.get(0).base().index();
        int first = 0;
        for (int i = 1; i <= layers.size(); i++) {
            if (i == layers.size()
                    || LayerCompatibility.difference(
                                    stack, base, layers.get(i).base().index())
                            .isEmpty()) {
                parts.add(i == first + 1 ? layers.get(first) : dropped(layers.subList(first, i)));
                first = i;
            }
        }
        return parts.build();
    }

    private static PlannedLayer dropped(List<PlannedLayer> layers) {
        return new MergedLayer(MergeRules.keepFirst(), NormPolicy.FROM_BASE, ImmutableList.copyOf(layers));
    }

    /**
     * Returns what keeps a candidate from being applied: a layer that can't be formed, or can't be fitted where merged layers are to be, or a
     * model that can't be described.
     *
     * @param candidate the candidate
     * @param layer the number of its merged layer
     * @return a sentence that names two layers and the differing property, or the layer that can't be fitted, or what the model's configuration
     *     can't say; or empty
     */
    public Optional<String> difference(CollapsePlan candidate, int layer) {
        return unformed(candidate, layer).or(() -> unwritten(candidate));
    }

    /** What keeps a layer of a candidate from being formed or fitted. */
    Optional<String> unformed(CollapsePlan candidate, int layer) {
        PlannedLayer planned = candidate.layers().get(layer);
        return LayerCompatibility.difference(stack, planned)
                .or(() -> settings.fit().isPresent() ? whyUnfittable(planned) : Optional.empty());
    }

    private Optional<String> whyUnfittable(PlannedLayer planned) {
        try {
            Fittable.of(stack).outputMap(planned.base().index());
            return Optional.empty();
        } catch (UnsupportedOperationException e) {
            return Optional.of(e.getMessage());
        }
    }

    /** What keeps a candidate from being described, though its layers may be formed. */
    Optional<String> unwritten(CollapsePlan candidate) {
        return stack.reasonAgainst(candidate);
    }

    /**
     * Returns how little layers and spans of layers change the hidden states, measured once however often it is asked for.
     *
     * @return the similarities on the calibration
     */
    public LayerSimilarity similarity() {
        return measurements.similarity();
    }

    /**
     * Returns how merged layers will be fitted after the search.
     *
     * @return the fit, empty if they stay as merged
     */
    public Optional<Fit> fit() {
        return settings.fit();
    }

    /**
     * Returns the fit made to no more sequences than comparing plans takes.
     *
     * @return the fit, empty if merged layers stay as they are
     */
    public Optional<Fit> briefFit() {
        return settings.fit().map(fit -> FitPass.brief(stack, calibration, fit));
    }

    /**
     * Fits the merged layers of a plan.
     *
     * @param plan the plan
     * @param how how they are fitted; if empty, they are left as they are
     * @return the plan with fitted weights
     */
    public CollapsePlan fitted(CollapsePlan plan, Optional<Fit> how) {
        return how.map(fit -> {
                    Calibration sequences = fit.calibration().orElse(calibration);
                    return FitPass.run(stack, plan, sequences, fit, listener, evaluator.fitRows(stack, sequences, fit));
                })
                .orElse(plan);
    }

    /**
     * Scores spans that are merged alone and fitted.
     *
     * @param how how they are fitted
     * @param most the most layers that are merged into one
     * @return the scorer, which the caller closes
     */
    public FittedSpans fittedSpans(Fit how, int most) {
        return evaluator.fittedSpans(how, most);
    }
}
