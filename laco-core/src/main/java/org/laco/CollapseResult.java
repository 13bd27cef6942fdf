package org.laco;

import static java.util.Objects.requireNonNull;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import org.laco.measure.Evaluation;
import org.laco.measure.FinalHiddenStates;
import org.laco.measure.ReferenceOutput;
import org.laco.measure.Score;
import org.laco.plan.CollapsePlan;
import org.laco.search.CollapseStep;
import org.laco.stack.Calibration;
import org.laco.stack.LayerStack;
import org.laco.tensor.TensorArrays;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * What a search found: the plan, a record of every step, and the collapsed stack.
 *
 * @param settings what the search was told
 * @param calibration the sequences on which similarity was measured
 * @param plan the plan found; it changes nothing if no candidate was accepted
 * @param steps every candidate in the order in which it was decided on
 * @param evaluation the similarity of the collapsed stack to the original, and further figures
 * @param reference the original's output on those sequences
 * @param original the stack that was searched, untouched
 * @param model the stack with the plan applied, which shares the original's weights
 */
public record CollapseResult(
        CollapseSettings settings,
        Calibration calibration,
        CollapsePlan plan,
        ImmutableList<CollapseStep> steps,
        Evaluation evaluation,
        ReferenceOutput reference,
        LayerStack original,
        LayerStack model) {
    /** Checks that nothing is null. */
    public CollapseResult {
        requireNonNull(settings, "settings");
        requireNonNull(calibration, "calibration");
        requireNonNull(plan, "plan");
        requireNonNull(steps, "steps");
        requireNonNull(evaluation, "evaluation");
        requireNonNull(reference, "reference");
        requireNonNull(original, "original");
        requireNonNull(model, "model");
    }

    /**
     * Applies a plan and measures it, without a search.
     *
     * @param original the stack that the plan is for
     * @param plan the plan, with the values of what was fitted or trained
     * @param calibration the sequences on which similarity is measured
     * @return a result of no steps
     */
    public static CollapseResult of(LayerStack original, CollapsePlan plan, Calibration calibration) {
        LayerCollapse measuring =
                LayerCollapse.builder().calibration(calibration).build();
        return plan.outside().isEmpty()
                ? measuring.replay(original, plan)
                : measuring
                        .replay(original, CollapsePlan.identity(original.layerCount()))
                        .measured(plan);
    }

    /** Weights outside of the layers may have changed, so the collapsed stack is run from its embedding on, and has only the cosine. */
    private CollapseResult measured(CollapsePlan other) {
        LayerStack collapsed = original.collapsed(other);
        try (INDArray output = FinalHiddenStates.of(collapsed, calibration)) {
            Evaluation cosine = new Evaluation(reference.compare(output), ImmutableMap.of());
            return new CollapseResult(settings, calibration, other, steps, cosine, reference, original, collapsed);
        }
    }

    /**
     * Puts another plan in the place of the one that was found, such as the same with trained weights, and measures it.
     *
     * @param other a plan for the same original, with the values of what was fitted or trained
     * @return a result of the same search
     */
    public CollapseResult with(CollapsePlan other) {
        CollapseResult measured = of(original, other, calibration);
        return new CollapseResult(
                settings, calibration, other, steps, measured.evaluation, measured.reference, original, measured.model);
    }

    /**
     * Returns the similarity of the collapsed stack's output to the original's on the calibration sequences, the paper's cosine, whatever the
     * search compared by.
     *
     * @return the similarity, 1 if nothing was collapsed
     */
    public double similarity() {
        return evaluation.similarity().value();
    }

    /**
     * Returns the score of the collapsed stack by the metric that the search compared by, such as the divergence of next tokens.
     *
     * @return the score, with the similarity beside it; that of the similarity itself where that was the metric, or where a plan was measured
     *     without a search
     */
    public Score objective() {
        return evaluation.objective();
    }

    /**
     * Returns the weights of the collapsed stack as ND4J arrays by name, each made when it is asked for: nothing has to be written to be
     * used elsewhere.
     *
     * <pre>{@code
     * try (INDArray merged = result.arrays().array("model.layers.3.mlp.up_proj.weight")) {
     *     System.out.println(merged.shapeInfoToString());
     * }
     * }</pre>
     *
     * @return the arrays under the names of {@link LayerStack#tensors()}, which can be made as long as the original is open
     */
    public TensorArrays arrays() {
        return TensorArrays.of(model.tensors());
    }

    /**
     * Returns the number of layers removed.
     *
     * @return 0 if nothing was collapsed
     */
    public int layersRemoved() {
        return plan.originalSize() - plan.size();
    }

    /**
     * Returns the share of layers removed, the paper's pruning ratio.
     *
     * @return from 0 to below 1
     */
    public double pruningRatio() {
        return (double) layersRemoved() / plan.originalSize();
    }
}
