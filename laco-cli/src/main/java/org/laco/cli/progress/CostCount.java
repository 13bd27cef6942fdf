package org.laco.cli.progress;

import java.util.Optional;
import org.laco.LayerCollapse;
import org.laco.fit.FitCost;
import org.laco.model.CausalModel;
import org.laco.search.CollapseListener;
import org.laco.search.CostEstimate;

/** Counts what a search costs, to be compared with its estimate. */
public final class CostCount implements CollapseListener {
    private Optional<CostEstimate> estimate = Optional.empty();
    private long layerRuns;
    private long bytesRead;
    private Optional<FitCost> refit = Optional.empty();

    /**
     * Estimates the cost if that of this kind of search is known before it is run.
     *
     * @param collapse the settings of the search
     * @param model the model to be searched
     */
    public void estimate(LayerCollapse collapse, CausalModel model) {
        estimate = collapse.estimateCost(model);
    }

    /**
     * Returns the estimate.
     *
     * @return the estimate, nothing if there is none for this kind of search
     */
    public Optional<CostEstimate> estimate() {
        return estimate;
    }

    /**
     * Returns how often a layer was run for a candidate, or for the original model.
     *
     * @return the count
     */
    public long layerRuns() {
        return layerRuns;
    }

    /**
     * Returns how much was read of layers' weights.
     *
     * @return bytes as stored
     */
    public long bytesRead() {
        return bytesRead;
    }

    /**
     * Returns what all fits cost together.
     *
     * @return their cost, nothing if there were none
     */
    public Optional<FitCost> refit() {
        return refit;
    }

    @Override
    public void layerRead(long bytes) {
        bytesRead += bytes;
    }

    @Override
    public void layerRun(int layer, int candidates) {
        layerRuns += Math.max(1, candidates);
    }

    @Override
    public void fitsEnded(FitCost cost) {
        refit = Optional.of(refit.map(cost::plus).orElse(cost));
    }
}
