package org.laco.fit;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;
import org.laco.base.Internal;
import org.laco.plan.ClosedForm;
import org.laco.plan.CollapsePlan;
import org.laco.plan.FittedTensor;
import org.laco.plan.PlannedLayer;
import org.laco.plan.SourceLayer;
import org.laco.stack.Calibration;
import org.laco.stack.Fittable;
import org.laco.stack.LayerRunner;
import org.laco.stack.LayerStack;
import org.laco.stack.LoadedLayer;
import org.laco.stack.OutputMap;
import org.nd4j.linalg.api.ndarray.INDArray;

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
    private final FitRows rows;

    private FitPass(LayerStack stack, Fit refit, FitListener listener, FitMeter meter, FitRows rows) {
        this.stack = stack;
        this.refit = refit;
        this.listener = listener;
        this.meter = meter;
        this.rows = rows;
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
        Calibration sequences = refit.calibration().orElse(calibration);
        return run(stack, plan, sequences, refit, listener, FitRows.local(stack, sequences, refit));
    }

    /**
     * Fits a plan to rows that may be computed elsewhere.
     *
     * @param stack the original model
     * @param plan a plan for it; weights that were fitted before are fitted anew
     * @param sequences the sequences to fit to
     * @param refit how to fit
     * @param listener who is told of each fitted layer
     * @param rows the rows of these sequences, which are closed
     * @return the plan with those layers refit for which the fit brings the model nearer to the original on held-out sequences
     * @throws UnsupportedOperationException if a layer's output doesn't depend linearly on one weight; the message names the layer
     * @throws IllegalArgumentException if there is only one calibration sequence, or fewer tokens than {@link Fit#tokensPerInput} asks
     *     for
     * @throws ArithmeticException if the activations are not finite
     * @throws java.util.concurrent.CancellationException if the thread is interrupted
     */
    public static CollapsePlan run(
            LayerStack stack, CollapsePlan plan, Calibration sequences, Fit refit, FitListener listener, FitRows rows) {
        try (rows) {
            FitCheck.require(stack, 0, sequences, refit);
            return new FitPass(stack, refit, listener, new FitMeter(FitBatch.divide(sequences, refit)), rows)
                    .run(plan.unfitted());
        }
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

    private CollapsePlan run(CollapsePlan plan) {
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
        CollapsePlan fitted = plan;
        int reached = lowest;
        for (int i = lowest; i <= highest; i++) {
            PlannedLayer layer = plan.layers().get(i);
            // In a plan whose layers don't go up, the original's states before this layer are gone.
            if (refit.repairs() && layer instanceof SourceLayer source && reached <= source.index()) {
                for (int step = 0;
                        step < Fittable.of(stack).stepMaps(source.index()).size() - 1;
                        step++) {
                    fitted = fitted(new FitPlace(fitted, i, OptionalInt.of(step)));
                }
            }
            if (refit.repairs() || !(layer instanceof SourceLayer)) {
                fitted = fitted(new FitPlace(fitted, i, OptionalInt.empty()));
            }
            reached = Math.max(reached, Collections.max(layer.sources()) + 1);
        }
        listener.fitsEnded(meter.cost());
        return fitted;
    }

    /** Fits a map of a plan, and returns the plan with what is better than the map that it has. */
    private CollapsePlan fitted(FitPlace place) {
        PlannedLayer layer = place.planned();
        OutputMap map = place.map(stack);
        // Without a pool there is nothing in the runner to keep or to close.
        try (LoadedLayer loaded = LayerRunner.unpooled(stack).load(layer);
                MergedMap merged = MergedMap.of(stack, layer, loaded, map, refit);
                NormalEquations equations = merged.equations(1)) {
            rows.sums(place, equations::add);
            Optional<FittedTensor> taken = refit.method().isJudged()
                    ? judged(place, merged, equations)
                    : Optional.of(
                            fitted(place, merged, equations, how(refit.ridges().get(0), 1)));
            meter.fitted(1, rows.stateBytes() + Float.BYTES * merged.numbers() + equations.bytes(rows.batchBytes()));
            listener.layerFitted(place.layer(), taken);
            return taken.map(tensor -> place.with(stack, tensor).plan()).orElse(place.plan());
        }
    }

    /** Takes the alternative that the judge prefers to all others and to the layer as it is. */
    private Optional<FittedTensor> judged(FitPlace place, MergedMap merged, NormalEquations equations) {
        List<ClosedForm> made = new ArrayList<>();
        try (FitRows.Comparison comparison = rows.compare(place)) {
            for (double ridge : refit.ridges()) {
                solve(equations, ridge, solution -> {
                    for (double step : refit.stepSizes()) {
                        ClosedForm how = how(ridge, step);
                        try (INDArray values = merged.fitted(solution, step)) {
                            comparison.add(merged.tensor(how, values));
                        }
                        made.add(how);
                    }
                });
            }
            int best = comparison.best();
            // To make it again takes less memory than to keep all until one is chosen.
            return best == 0 ? Optional.empty() : Optional.of(fitted(place, merged, equations, made.get(best - 1)));
        }
    }

    private FittedTensor fitted(FitPlace place, MergedMap merged, NormalEquations equations, ClosedForm how) {
        List<FittedTensor> fitted = new ArrayList<>();
        solve(equations, how.ridge(), solution -> {
            FittedTensor weight = merged.tensor(how, merged.fitted(solution, how.step()));
            fitted.add(merged.tensor(weight, rows.errors(place, weight)));
        });
        return fitted.get(0);
    }

    /** How a weight is made, its errors being measured if it is chosen. */
    private ClosedForm how(double ridge, double step) {
        return new ClosedForm(refit.method().name(), ridge, step, 0, 0);
    }

    private void solve(NormalEquations equations, double ridge, Consumer<INDArray> take) {
        equations.solve(mean -> refit.method().shift(ridge, mean), (kind, solution) -> take.accept(solution));
    }
}
