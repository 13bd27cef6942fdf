package org.laco.examples.cli;

import java.util.Optional;
import org.laco.LayerCollapse;
import org.laco.fit.FitCost;
import org.laco.model.CausalModel;
import org.laco.plan.FittedTensor;
import org.laco.search.CollapseListener;
import org.laco.search.CollapseStep;
import org.laco.search.Forecast;

/** Counts what a search costs, to be held against what was foreseen, and tells somebody else how it goes on. */
final class CostCount implements CollapseListener {
    private final CollapseListener listener;
    private Optional<Forecast> forecast = Optional.empty();
    private long layerRuns;
    private long bytesRead;
    private Optional<FitCost> refit = Optional.empty();

    CostCount(CollapseListener listener) {
        this.listener = listener;
    }

    /** Foresees the cost if this kind of search has one that can be foreseen. */
    void foresee(LayerCollapse collapse, CausalModel model) {
        try {
            forecast = Optional.of(collapse.forecast(model));
        } catch (IllegalStateException e) {
            forecast = Optional.empty();
        }
    }

    Optional<Forecast> forecast() {
        return forecast;
    }

    long layerRuns() {
        return layerRuns;
    }

    long bytesRead() {
        return bytesRead;
    }

    /** Returns what all fits cost together, nothing if there were none. */
    Optional<FitCost> refit() {
        return refit;
    }

    @Override
    public void started(int layers) {
        listener.started(layers);
    }

    @Override
    public void layerRead(long bytes) {
        bytesRead += bytes;
        listener.layerRead(bytes);
    }

    @Override
    public void layerRun(int layer, int candidates) {
        layerRuns += Math.max(1, candidates);
        listener.layerRun(layer, candidates);
    }

    @Override
    public void decided(CollapseStep step, int layers) {
        listener.decided(step, layers);
    }

    @Override
    public void layerFitted(int layer, Optional<FittedTensor> fitted) {
        listener.layerFitted(layer, fitted);
    }

    @Override
    public void fitsEnded(FitCost cost) {
        refit = Optional.of(refit.map(cost::plus).orElse(cost));
        listener.fitsEnded(cost);
    }
}
