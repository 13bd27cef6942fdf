package org.laco.evaluate;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.laco.fit.Fit;
import org.laco.fit.FitCost;
import org.laco.fit.FitListener;
import org.laco.fit.SpanFits;
import org.laco.measure.Score;
import org.laco.plan.CollapsePlan;
import org.laco.stack.Calibration;
import org.laco.stack.LayerStack;

/** Spans fitted in this process, beginning at the first layer that is asked for. */
final class LocalFittedSpans implements FittedSpans {
    private final LayerStack stack;
    private final Calibration calibration;
    private final Fit fit;
    private final int most;
    private final Evaluator evaluator;
    private final FitListener listener;
    private final KeptFits kept;
    private SpanFits fits;

    LocalFittedSpans(
            LayerStack stack,
            Calibration calibration,
            Fit fit,
            int most,
            Evaluator evaluator,
            FitListener listener,
            KeptFits kept) {
        this.stack = stack;
        this.calibration = calibration;
        this.fit = fit;
        this.most = most;
        this.evaluator = evaluator;
        this.listener = listener;
        this.kept = kept;
    }

    @Override
    public Group fit(int layer, List<CollapsePlan> plans, List<Integer> merged) {
        Map<CollapsePlan, CollapsePlan> byPlan = new HashMap<>();
        List<CollapsePlan> unknown = new ArrayList<>();
        List<Integer> unknownMerged = new ArrayList<>();
        for (int i = 0; i < plans.size(); i++) {
            CollapsePlan plan = plans.get(i);
            Optional<CollapsePlan> known = kept.after(fit, plan);
            if (known.isPresent()) {
                byPlan.put(plan, known.get());
            } else {
                unknown.add(plan);
                unknownMerged.add(merged.get(i));
            }
        }
        if (!unknown.isEmpty()) {
            ImmutableList<CollapsePlan> fitted = fitAnew(layer, unknown, unknownMerged);
            for (int i = 0; i < fitted.size(); i++) {
                byPlan.put(unknown.get(i), fitted.get(i));
                kept.keep(fit, unknown.get(i), fitted.get(i));
            }
        }
        return new FittedGroup(evaluator, byPlan);
    }

    private ImmutableList<CollapsePlan> fitAnew(int layer, List<CollapsePlan> plans, List<Integer> merged) {
        if (fits == null) {
            fits = SpanFits.of(stack, calibration, fit, layer, most, listener);
        } else {
            fits.moveTo(layer);
        }
        return fits.fit(CollapsePlan.identity(stack.layerCount()), layer, plans, merged);
    }

    /** Spans by the plans that they had before the fit. */
    private record FittedGroup(Evaluator evaluator, Map<CollapsePlan, CollapsePlan> byPlan) implements Group {
        @Override
        public ImmutableList<Score> screen(List<CollapsePlan> plans) {
            return evaluator.screen(fitted(plans));
        }

        @Override
        public ImmutableList<CollapsePlan> fitted(List<CollapsePlan> plans) {
            return plans.stream().map(byPlan::get).collect(ImmutableList.toImmutableList());
        }
    }

    @Override
    public FitCost cost() {
        return fits == null ? FitCost.NONE : fits.cost();
    }

    @Override
    public void close() {
        if (fits != null) {
            fits.close();
        }
    }
}
