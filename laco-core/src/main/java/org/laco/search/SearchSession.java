package org.laco.search;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.laco.evaluate.CandidateEvaluator;
import org.laco.fit.Fit;
import org.laco.measure.Evaluation;
import org.laco.measure.LayerSimilarity;
import org.laco.merge.MergeRule;
import org.laco.merge.NormPolicy;
import org.laco.plan.CollapsePlan;
import org.laco.stack.Calibration;
import org.laco.stack.LayerCompatibility;
import org.laco.stack.LayerStack;

/** One search under way: the model, the evaluator of its candidates, the current plan and the record. */
public final class SearchSession {
    private final LayerStack stack;
    private final CandidateEvaluator evaluator;
    private final MergeRule rule;
    private final NormPolicy norms;
    private final CollapseListener listener;
    private final OptionalInt target;
    private final Optional<Fit> refit;
    private final Measurements measurements;
    private final Scores scores;
    private final Map<String, Object> findings = new LinkedHashMap<>();
    private final List<CollapseStep> steps = new ArrayList<>();
    private CollapsePlan current;
    private Evaluation evaluation;

    /**
     * Starts with the model as it is.
     *
     * @param stack the original model
     * @param evaluator the evaluator of plans for it
     * @param rule how linear weights are merged, or the rules among which the search chooses
     * @param norms where norms and biases come from
     * @param target the number of layers to come down to, if there is one
     * @param refit how merged layers will be fitted after the search, if they will
     * @param listener who is told of each step
     * @param measurements what was measured before, and receives what is measured now
     * @throws IllegalArgumentException if the measurements are of another model or calibration
     */
    public SearchSession(
            LayerStack stack,
            CandidateEvaluator evaluator,
            MergeRule rule,
            NormPolicy norms,
            OptionalInt target,
            Optional<Fit> refit,
            CollapseListener listener,
            Measurements measurements) {
        this.stack = stack;
        this.evaluator = evaluator;
        this.rule = rule;
        this.norms = norms;
        this.target = target;
        this.refit = refit;
        this.listener = listener;
        measurements.bind(stack, evaluator.calibration());
        this.measurements = measurements;
        this.scores = measurements.by(evaluator.objective());
        this.current = CollapsePlan.identity(stack.layerCount());
        this.evaluation = evaluate(current);
    }

    /**
     * Starts again with the model as it is, knowing the candidates measured so far and telling nobody.
     *
     * @return another session on the same model
     */
    public SearchSession again() {
        return new SearchSession(stack, evaluator, rule, norms, target, refit, CollapseListener.NONE, measurements);
    }

    /**
     * Returns the original model.
     *
     * @return the stack that is searched
     */
    public LayerStack stack() {
        return stack;
    }

    /**
     * Returns the sequences on which candidates are measured.
     *
     * @return the calibration
     */
    public Calibration calibration() {
        return evaluator.calibration();
    }

    /**
     * Returns the number of layers to come down to.
     *
     * @return the target, from 1 to the model's number of layers
     * @throws IllegalStateException if there is none
     */
    public int target() {
        return target.orElseThrow(() -> new IllegalStateException("the search needs a target"));
    }

    /**
     * Returns how merged layers will be fitted after the search.
     *
     * @return the refit, empty if they stay as merged
     */
    public Optional<Fit> refit() {
        return refit;
    }

    /**
     * Adds something that the search found out to the record.
     *
     * @param name its name, such as {@code threshold}
     * @param value a number, string or boolean
     */
    public void found(String name, Object value) {
        findings.put(name, value);
    }

    /**
     * Returns what the search found out.
     *
     * @return values by name
     */
    public ImmutableMap<String, Object> findings() {
        return ImmutableMap.copyOf(findings);
    }

    /**
     * Returns the current model's plan.
     *
     * @return the plan of the last accepted candidate, at first one that changes nothing
     */
    public CollapsePlan current() {
        return current;
    }

    /**
     * Returns the similarity of the current model to the original.
     *
     * @return the evaluation of the last accepted candidate
     */
    public Evaluation evaluation() {
        return evaluation;
    }

    /**
     * Returns the record so far.
     *
     * @return the steps in the order in which they were decided
     */
    public ImmutableList<CollapseStep> steps() {
        return ImmutableList.copyOf(steps);
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
        return rule.choices(following + 1).stream()
                .map(one -> plan.merge(layer, following, one, norms))
                .collect(ImmutableList.toImmutableList());
    }

    /**
     * Measures candidates that merge the same layers by different rules. All but the most similar are recorded as refused.
     *
     * @param candidates the candidates, at least one
     * @param layer their base layer l
     * @param following the number m of following layers
     * @return the most similar candidate, the first one if several are
     */
    public CollapsePlan mostSimilar(List<CollapsePlan> candidates, int layer, int following) {
        if (candidates.size() == 1) {
            return candidates.get(0);
        }
        double highest = evaluate(candidates).stream()
                .mapToDouble(SearchSession::rank)
                .max()
                .orElseThrow();
        // Where rounding could decide, candidates are measured alone.
        List<CollapsePlan> near = candidates.stream()
                .filter(one -> rank(evaluate(one)) >= highest - 2 * noise())
                .toList();
        if (near.size() > 1) {
            near.forEach(this::evaluateAlone);
        }
        CollapsePlan best = near.get(0);
        for (CollapsePlan one : near) {
            best = rank(evaluate(one)) > rank(evaluate(best)) ? one : best;
        }
        for (CollapsePlan one : candidates) {
            if (!one.equals(best)) {
                reject(CollapseStep.evaluated(layer, following, one.rule(layer), evaluate(one), false));
            }
        }
        return best;
    }

    private static double rank(Evaluation evaluation) {
        return Double.isNaN(evaluation.similarity()) ? Double.NEGATIVE_INFINITY : evaluation.similarity();
    }

    /**
     * Tells what keeps a layer of a candidate from being formed.
     *
     * @param candidate the candidate
     * @param layer the number of its merged layer
     * @return a sentence that names two layers and the differing property, or empty
     */
    public Optional<String> difference(CollapsePlan candidate, int layer) {
        return LayerCompatibility.difference(stack, candidate.layers().get(layer));
    }

    /**
     * Measures a candidate's similarity to the original, unless it was measured before.
     *
     * @param candidate the candidate's plan
     * @return the similarity by the search's objective
     */
    public Evaluation evaluate(CollapsePlan candidate) {
        return scores.get(candidate, evaluator::evaluate);
    }

    /**
     * Tells by how much the similarity of a candidate that was measured together with others may differ from what {@link
     * #evaluateAlone} gives.
     *
     * @return the largest difference
     */
    public double noise() {
        return evaluator.noise();
    }

    /**
     * Measures candidates together, those that were not measured before. This is many times faster than one by one, even if some of
     * them turn out not to be needed.
     *
     * @param candidates the candidates' plans
     * @return their similarities in the same order; they may differ from those measured alone by {@link #noise}
     */
    public ImmutableList<Evaluation> evaluate(List<CollapsePlan> candidates) {
        return scores.getAll(candidates, evaluator::evaluate);
    }

    /**
     * Tells whether a candidate was measured before.
     *
     * @param candidate the candidate's plan
     * @return true if measuring it costs nothing
     */
    public boolean knows(CollapsePlan candidate) {
        return scores.knows(candidate);
    }

    /**
     * Measures a candidate by itself, for a decision that what it was measured together with must not change.
     *
     * @param candidate the candidate's plan
     * @return the similarity that the candidate has whatever else is measured
     */
    public Evaluation evaluateAlone(CollapsePlan candidate) {
        scores.forgetIfTogether(candidate);
        return evaluate(candidate);
    }

    /**
     * Returns how many candidates it pays to measure together.
     *
     * @param likely how many of them are likely to be needed
     * @return at least 1. If reading weights costs more than computing, as many as can be computed while they are read, and all that
     *     may be measured together once more than those are likely to be needed
     */
    public int candidatesAhead(int likely) {
        return ahead(likely, maxCandidates(), evaluator.wholePasses(), calibration());
    }

    static int ahead(int likely, int atMost, boolean wholePasses, Calibration calibration) {
        if (!wholePasses) {
            return Math.min(likely, atMost);
        }
        int cheap = CandidateEvaluator.cheapCandidates(calibration);
        return likely > cheap ? atMost : Math.min(cheap, atMost);
    }

    /**
     * Returns how many candidates are measured together at most.
     *
     * @return at least 1
     */
    public int maxCandidates() {
        return evaluator.maxCandidates();
    }

    /**
     * Measures candidates that will not be asked for again, as those that hold fitted weights.
     *
     * @param candidates the candidates' plans
     * @return their similarities in the same order
     */
    public ImmutableList<Evaluation> evaluateOnce(List<CollapsePlan> candidates) {
        return evaluator.evaluate(candidates);
    }

    /**
     * Returns how little layers and runs of layers change the hidden states, measured once however often it is asked for.
     *
     * @return the similarities on the calibration
     */
    public LayerSimilarity similarity() {
        return measurements.similarity();
    }

    /** Returns what is known of candidates after the refit, by their plans before it; the caller adds to it. */
    Map<CollapsePlan, Evaluation> fitted() {
        return scores.after(refit.orElseThrow());
    }

    /**
     * Returns who is told of each step.
     *
     * @return the listener
     */
    public CollapseListener listener() {
        return listener;
    }

    /** Keeps the hidden states of the current model instead of the original's, so that its candidates start from them. */
    public void rebase() {
        evaluator.rebase(current);
    }

    /**
     * Records a candidate that becomes the current model.
     *
     * @param candidate the candidate's plan
     * @param step the record of it, with a similarity
     */
    public void accept(CollapsePlan candidate, CollapseStep step) {
        current = candidate;
        evaluation =
                new Evaluation(step.metric().orElseThrow(), step.similarity().orElseThrow(), step.perSequence());
        reject(step);
    }

    /**
     * Records a candidate that does not become the current model.
     *
     * @param step the record of it
     */
    public void reject(CollapseStep step) {
        steps.add(step);
        listener.decided(step, current.size());
    }
}
