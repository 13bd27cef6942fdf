package org.laco.fit;

import java.util.Optional;
import org.laco.plan.FittedTensor;

/** Receives the outcome of fits, on the thread that fits. All methods do nothing by default. */
public interface FitListener {
    /** A listener that does nothing. */
    FitListener NONE = new FitListener() {};

    /**
     * A layer has been fitted to calibration sequences.
     *
     * @param layer the number of the plan's layer
     * @param fitted the fitted weight, empty if none was better on held-out sequences and none was taken
     */
    default void layerFitted(int layer, Optional<FittedTensor> fitted) {}

    /**
     * A number of fits has ended: those of one plan, or those of single spans that a search compares.
     *
     * @param cost what they cost
     */
    default void fitsEnded(FitCost cost) {}
}
