package org.laco.fit;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.LinkedHashMultimap;
import com.google.common.collect.SetMultimap;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.laco.base.Internal;
import org.laco.plan.CollapsePlan;
import org.laco.plan.FittedLayer;
import org.laco.plan.FittedTensor;
import org.laco.plan.PlannedLayer;
import org.laco.plan.SourceLayer;
import org.laco.stack.Calibration;
import org.laco.stack.Fittable;
import org.laco.stack.LayerStack;
import org.laco.stack.OutputMap;
import org.laco.stack.PlannedTensors;
import org.laco.tensor.LayerTensor;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Fits single runs of the original model, every other layer being the original's. All runs that keep the same weights share the sums
 * over their activations, so a run costs little more than the solution of its equations. For that their rows have to be weighted
 * alike, by what a run of two layers is fitted to, where the fit of a plan weighs each run's by its own; so a run's weight here is near
 * that of the plan, not equal to it. It doesn't depend on which other runs are fitted.
 *
 * <p>A run is fitted with the middle ridge, and the fit taken if it lowers the layer's own error: its score is measured next anyway, and
 * to judge every ridge and step of every run would take as many passes through the layers above as there are alternatives.
 *
 * <p>Moves from the bottom up and keeps the hidden states of as many layers as the longest run has, and two more.
 */
@Internal
public final class SpanFits implements AutoCloseable {
    /** How many tokens runs are fitted to for each input of a weight. */
    private static final int TOKENS_PER_INPUT = 2;

    /** How many layers the shortest run has. */
    private static final int SHORTEST = 2;

    private final LayerStack stack;
    private final Fit refit;
    private final int most;
    private final FitListener listener;
    private final FitMeter meter;
    /** The original's hidden states that enter the current layer, the next one, and so on. */
    private final Deque<HiddenStates> window = new ArrayDeque<>();

    private int layer;

    private SpanFits(LayerStack stack, Fit refit, int most, FitListener listener, FitMeter meter) {
        this.stack = stack;
        this.refit = refit;
        this.most = most;
        this.listener = listener;
        this.meter = meter;
    }

    /**
     * Starts at a layer.
     *
     * @param stack the original model
     * @param calibration the sequences to fit to, unless the settings have their own; of more than two tokens for each input of a
     *     fitted weight the first ones
     * @param refit how to fit; of several ridges the middle one is used
     * @param low the lowest layer
     * @param most the most layers that are merged into one
     * @param listener who is told what the fits cost when they are closed
     * @return the fits, which the caller closes
     * @throws IllegalArgumentException if there is only one calibration sequence, or fewer tokens than {@link Fit#tokensPerInput} asks
     *     for
     */
    public static SpanFits of(
            LayerStack stack, Calibration calibration, Fit refit, int low, int most, FitListener listener) {
        FitCheck.require(stack, low, refit.calibration().orElse(calibration), refit);
        // Enough to compare runs by, however many more the fit of the chosen ones is given.
        Calibration some = FitCheck.enough(stack, 0, refit.calibration().orElse(calibration), refit, TOKENS_PER_INPUT);
        ImmutableList<FitBatch> batches = FitBatch.divide(some, refit);
        SpanFits fits = new SpanFits(stack, refit.withMiddleRidge(), most, listener, new FitMeter(batches));
        fits.window.add(HiddenStates.entering(stack, batches));
        fits.moveTo(low);
        return fits;
    }

    /**
     * Moves up.
     *
     * @param target the layer at which the next runs start
     */
    public void moveTo(int target) {
        while (layer < target) {
            if (window.size() == 1) {
                window.peekFirst().advance(SourceLayer.of(layer));
            } else {
                window.removeFirst().close();
            }
            layer++;
        }
        int end = Math.min(stack.layerCount(), layer + most + 1);
        while (layer + window.size() - 1 < end) {
            HiddenStates next = window.peekLast().copy();
            next.advance(SourceLayer.of(layer + window.size() - 1));
            if (layer + window.size() == stack.layerCount() && refit.method().endsAfterNorm()) {
                next.finish();
            }
            window.addLast(next);
        }
    }

    /**
     * Fits runs that start at the current layer.
     *
     * @param original the plan that changes nothing
     * @param start the current layer
     * @param plans for each run a plan that merges it alone
     * @param merged for each run the number of layers merged into the lowest
     * @return the plans, those refit whose held-out error the fit lowers
     * @throws UnsupportedOperationException if the layer can't be refit; the message says why
     */
    public ImmutableList<CollapsePlan> fit(
            CollapsePlan original, int start, List<CollapsePlan> plans, List<Integer> merged) {
        SetMultimap<ImmutableMap<String, LayerTensor>, Integer> sameWeights = LinkedHashMultimap.create();
        for (int i = 0; i < plans.size(); i++) {
            sameWeights.put(PlannedTensors.of(stack, plans.get(i).layers().get(start)), i);
        }
        List<CollapsePlan> fitted = new ArrayList<>(plans);
        ImmutableList<HiddenStates> states = ImmutableList.copyOf(window);
        for (Collection<Integer> members : sameWeights.asMap().values()) {
            ImmutableList<Integer> group = ImmutableList.copyOf(members);
            PlannedLayer any = plans.get(group.get(0)).layers().get(start);
            OutputMap map = Fittable.of(stack).outputMap(any.base().index());
            try (LayerFit fit = new LayerFit(stack, any, map, refit, group.size())) {
                for (int batch = 0; batch < states.get(0).batches().size(); batch++) {
                    int number = batch;
                    List<INDArray> targets = group.stream()
                            .map(i -> states.get(merged.get(i) + 1).get(number))
                            .toList();
                    fit.add(
                            states.get(0).batches().get(batch),
                            states.get(0).get(batch),
                            states.get(SHORTEST).get(batch),
                            targets);
                }
                Iterator<Optional<FittedTensor>> solutions = fit.solve().iterator();
                meter.fitted(
                        group.size(),
                        fit.bytes()
                                + states.stream().mapToLong(HiddenStates::bytes).sum());
                for (int i : group) {
                    PlannedLayer planned = plans.get(i).layers().get(start);
                    solutions
                            .next()
                            .ifPresent(tensor -> fitted.set(
                                    i,
                                    original.replace(
                                            start, merged.get(i), FittedLayer.with(planned, map.weight(), tensor))));
                }
            }
        }
        return ImmutableList.copyOf(fitted);
    }

    /**
     * Returns what the fits have cost until now.
     *
     * @return the cost
     */
    public FitCost cost() {
        return meter.cost();
    }

    @Override
    public void close() {
        window.forEach(HiddenStates::close);
        listener.fitsEnded(meter.cost());
    }
}
