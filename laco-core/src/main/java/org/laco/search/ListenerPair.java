package org.laco.search;

import java.util.Optional;
import org.laco.fit.FitCost;
import org.laco.plan.FittedTensor;

/**
 * Two listeners as one.
 *
 * @param first the one that is told first
 * @param second the other one
 */
record ListenerPair(CollapseListener first, CollapseListener second) implements CollapseListener {
    @Override
    public void started(int layers) {
        first.started(layers);
        second.started(layers);
    }

    @Override
    public void expected(long layerRuns) {
        first.expected(layerRuns);
        second.expected(layerRuns);
    }

    @Override
    public void decided(CollapseStep step, int layers) {
        first.decided(step, layers);
        second.decided(step, layers);
    }

    @Override
    public void layerRead(long bytes) {
        first.layerRead(bytes);
        second.layerRead(bytes);
    }

    @Override
    public void layerRun(int layer, int candidates) {
        first.layerRun(layer, candidates);
        second.layerRun(layer, candidates);
    }

    @Override
    public void layerFitted(int layer, Optional<FittedTensor> fitted) {
        first.layerFitted(layer, fitted);
        second.layerFitted(layer, fitted);
    }

    @Override
    public void fitsEnded(FitCost cost) {
        first.fitsEnded(cost);
        second.fitsEnded(cost);
    }
}
