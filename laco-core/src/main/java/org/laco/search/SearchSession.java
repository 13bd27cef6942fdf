package org.laco.search;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.laco.CollapseListener;
import org.laco.CollapsePlan;
import org.laco.CollapseStep;
import org.laco.Evaluation;
import org.laco.LayerCompatibility;
import org.laco.LayerStack;
import org.laco.merge.MergeRule;
import org.laco.merge.NormPolicy;

/** One search under way: the model, the evaluator of its candidates, the current plan and the record. */
public final class SearchSession {
    private final LayerStack stack;
    private final CandidateEvaluator evaluator;
    private final MergeRule rule;
    private final NormPolicy norms;
    private final CollapseListener listener;
    private final List<CollapseStep> steps = new ArrayList<>();
    private CollapsePlan current;
    private Evaluation evaluation;

    /**
     * Starts with the model as it is.
     *
     * @param stack the original model
     * @param evaluator the evaluator of plans for it
     * @param rule how linear weights are merged
     * @param norms where norms and biases come from
     * @param listener who is told of each step
     */
    public SearchSession(
            LayerStack stack,
            CandidateEvaluator evaluator,
            MergeRule rule,
            NormPolicy norms,
            CollapseListener listener) {
        this.stack = stack;
        this.evaluator = evaluator;
        this.rule = rule;
        this.norms = norms;
        this.listener = listener;
        this.current = CollapsePlan.identity(stack.layerCount());
        this.evaluation = new Evaluation(1, ImmutableList.copyOf(Collections.nCopies(evaluator.sequences(), 1.0)));
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
     * @return the candidate
     */
    public CollapsePlan merge(CollapsePlan plan, int layer, int following) {
        return plan.merge(layer, following, rule, norms);
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
     * Measures a candidate's similarity to the original.
     *
     * @param candidate the candidate's plan
     * @return the similarity
     */
    public Evaluation evaluate(CollapsePlan candidate) {
        return evaluator.evaluate(candidate);
    }

    /**
     * Records a candidate that becomes the current model.
     *
     * @param candidate the candidate's plan
     * @param step the record of it, with a similarity
     */
    public void accept(CollapsePlan candidate, CollapseStep step) {
        current = candidate;
        evaluation = new Evaluation(step.similarity().orElseThrow(), step.perSequence());
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
