package org.laco.plan;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

/**
 * A regression on calibration sequences, solved in closed form.
 *
 * @param method how it was fitted, such as {@code ridge}
 * @param ridge the strength of the pull toward the merged weight, relative to the mean diagonal of the activations' Gram matrix; for
 *     {@code replaceme} what is added to the diagonal
 * @param step how far the weight goes from the merged one toward the solution, 1 for all the way
 * @param errorBefore the relative error of the layer's output on held-out sequences with the merged weight; for {@code replaceme},
 *     which holds none out, on some of those that it was fitted to
 * @param errorAfter the same with the fitted one
 */
public record ClosedForm(String method, double ridge, double step, double errorBefore, double errorAfter)
        implements Provenance {
    /** Checks that the method has a name and the step is positive. */
    public ClosedForm {
        requireNonNull(method, "method");
        checkArgument(step > 0 && Double.isFinite(step), "a step toward a fit must be positive, not %s", step);
    }
}
