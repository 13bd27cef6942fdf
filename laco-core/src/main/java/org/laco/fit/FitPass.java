package org.laco.fit;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.laco.base.Internal;
import org.laco.plan.ClosedForm;
import org.laco.plan.CollapsePlan;
import org.laco.plan.FittedLayer;
import org.laco.plan.FittedTensor;
import org.laco.plan.PlannedLayer;
import org.laco.plan.SourceLayer;
import org.laco.stack.Calibration;
import org.laco.stack.Fittable;
import org.laco.stack.LayerStack;
import org.laco.stack.OutputMap;

/**
 * Fits the merged layers of a plan from the bottom up. The inputs of each fit come from the collapsed model with the layers below it
 * fitted already, so that a fit also repairs what those below left.
 */
@Internal
public final class FitPass {
    private final LayerStack stack;
    private final Fit refit;
    private final FitListener listener;
    private final FitMeter meter;

    private FitPass(LayerStack stack, Fit refit, FitListener listener, FitMeter meter) {
        this.stack = stack;
        this.refit = refit;
        this.listener = listener;
        this.meter = meter;
    }

    /**
     * Fits a plan.
     *
     * @param stack the original model
     * @param plan a plan for it; weights that were fitted before are fitted anew
     * @param calibration the sequences to fit to, unless the settings have their own
     * @param refit how to fit
     * @param listener who is told of each fitted layer
     * @return the plan with those layers refit for which the fit brings the model nearer to the original on held-out sequences
     * @throws UnsupportedOperationException if a layer's output doesn't depend linearly on one weight; the message names the layer
     * @throws IllegalArgumentException if there is only one calibration sequence, or fewer tokens than {@link Fit#tokensPerInput} asks
     *     for
     * @throws ArithmeticException if the activations are not finite
     * @throws java.util.concurrent.CancellationException if the thread is interrupted
     */
    public static CollapsePlan run(
            LayerStack stack, CollapsePlan plan, Calibration calibration, Fit refit, FitListener listener) {
        check(stack, calibration, refit);
        ImmutableList<FitBatch> batches = FitBatch.divide(refit.calibration().orElse(calibration), refit);
        return new FitPass(stack, refit, listener, new FitMeter(batches)).run(plan.unfitted(), batches);
    }

    /**
     * Refuses settings for which there is too little to fit to. {@link #run} does that too; before a search it comes in time.
     *
     * @param stack the original model
     * @param calibration the sequences to fit to, unless the settings have their own
     * @param refit how to fit
     * @throws IllegalArgumentException if there is only one calibration sequence, or fewer tokens than {@link Fit#tokensPerInput} asks
     *     for
     * @throws UnsupportedOperationException if no layer can be fitted; the message says why the first one can't
     */
    public static void check(LayerStack stack, Calibration calibration, Fit refit) {
        FitCheck.require(stack, 0, refit.calibration().orElse(calibration), refit);
    }

    /**
     * Returns settings to compare plans by, however many sequences the fit of the chosen one is given.
     *
     * @param stack the original model
     * @param calibration the sequences to fit to, unless the settings have their own
     * @param refit how to fit
     * @return the same settings if they have no more than four tokens for each input of a fitted weight, or as many as they ask for;
     *     otherwise settings with the first of their sequences
     */
    public static Fit brief(LayerStack stack, Calibration calibration, Fit refit) {
        Calibration all = refit.calibration().orElse(calibration);
        Calibration enough =
                FitCheck.enough(stack, 0, all, refit, Math.max(Fit.TOKENS_PER_INPUT, refit.tokensPerInput()));
        return enough == all ? refit : refit.calibration(enough);
    }

    private CollapsePlan run(CollapsePlan plan, ImmutableList<FitBatch> batches) {
        checkArgument(
                plan.outside().isEmpty(),
                "the plan has trained weights outside of the layers: fit its layers before they are trained");
        int lowest = plan.unchangedPrefix();
        int highest = refit.repairs()
                ? plan.size() - 1
                : plan.changedLayers().stream().reduce((one, other) -> other).orElse(-1);
        if (lowest > highest) {
            return plan;
        }
        // Refuse before the long way up what can't be fitted.
        plan.changedLayers().forEach(layer -> Fittable.of(stack)
                .outputMap(plan.layers().get(layer).base().index()));
        List<PlannedLayer> layers = new ArrayList<>(plan.layers());
        try (HiddenStates original = HiddenStates.entering(stack, batches);
                FitJudge judge = refit.method().isJudged() ? FitJudge.of(stack, batches) : FitJudge.none(stack)) {
            int reached = advance(original, 0, lowest);
            try (HiddenStates collapsed = original.copy()) {
                for (int i = lowest; i <= highest; i++) {
                    PlannedLayer layer = layers.get(i);
                    if (refit.repairs() && layer instanceof SourceLayer source) {
                        reached = advance(original, reached, source.index());
                        // In a plan whose layers don't go up, the original's states here are gone.
                        if (reached == source.index()) {
                            repairSteps(i, layers, collapsed, original, judge);
                        }
                    }
                    reached = advance(original, reached, Collections.max(layer.sources()) + 1);
                    if (refit.repairs() || !(layer instanceof SourceLayer)) {
                        fit(i, layers, Fittable.of(stack).outputMap(layer.base().index()), collapsed, original, judge);
                    }
                    if (i < highest) {
                        collapsed.advance(layers.get(i));
                    }
                }
            }
        }
        listener.fitsEnded(meter.cost());
        return CollapsePlan.of(plan.originalSize(), layers);
    }

    private int advance(HiddenStates original, int from, int to) {
        for (int layer = from; layer < to; layer++) {
            original.advance(SourceLayer.of(layer));
        }
        if (from < to && to == stack.layerCount() && refit.method().endsAfterNorm()) {
            original.finish();
        }
        return Math.max(from, to);
    }

    /** Fits the maps before the last one of a layer that was kept, toward what leaves their steps in the original. */
    private void repairSteps(
            int number, List<PlannedLayer> layers, HiddenStates entering, HiddenStates original, FitJudge judge) {
        SourceLayer source = (SourceLayer) layers.get(number);
        ImmutableList<OutputMap> maps = Fittable.of(stack).stepMaps(source.index());
        for (OutputMap map : maps.subList(0, maps.size() - 1)) {
            try (HiddenStates target = original.after(source, map)) {
                fit(number, layers, map, entering, target, judge);
            }
        }
    }

    /** Fits a map of a layer, and puts the fitted layer into the list if it is better. */
    private void fit(
            int number,
            List<PlannedLayer> layers,
            OutputMap map,
            HiddenStates entering,
            HiddenStates target,
            FitJudge judge) {
        PlannedLayer layer = layers.get(number);
        try (LayerFit fit = new LayerFit(stack, layer, map, refit, 1)) {
            for (int i = 0; i < entering.batches().size(); i++) {
                fit.add(entering.batches().get(i), entering.get(i), target.get(i), ImmutableList.of(target.get(i)));
            }
            Optional<FittedTensor> taken = refit.method().isJudged()
                    ? judged(fit, layer, map, entering, judge)
                    : fit.solve().get(0);
            meter.fitted(1, fit, ImmutableList.of(entering, target));
            listener.layerFitted(number, taken);
            taken.ifPresent(tensor -> layers.set(number, FittedLayer.with(layer, map.weight(), tensor)));
        }
    }

    /** Takes the alternative that the judge prefers to all others and to the layer as it is. */
    private static Optional<FittedTensor> judged(
            LayerFit fit, PlannedLayer layer, OutputMap map, HiddenStates entering, FitJudge judge) {
        List<ClosedForm> made = new ArrayList<>();
        try (FitJudge.Comparison comparison = judge.compare(entering, Collections.max(layer.sources()) + 1)) {
            comparison.add(layer);
            fit.alternatives(tensor -> {
                comparison.add(FittedLayer.with(layer, map.weight(), tensor));
                made.add((ClosedForm) tensor.provenance());
            });
            int best = comparison.best();
            return best == 0 ? Optional.empty() : Optional.of(fit.again(made.get(best - 1)));
        }
    }
}
