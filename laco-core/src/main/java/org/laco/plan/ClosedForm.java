package org.laco.plan;

import static java.util.Objects.requireNonNull;

/**
 * A regression on calibration sequences, solved in closed form.
 *
 * @param method how it was fitted, such as {@code ridge}
 * @param ridge the strength of the pull toward the merged weight, relative to the mean diagonal of the activations' Gram matrix
 * @param errorBefore the relative error of the layer's output on held-out sequences with the merged weight
 * @param errorAfter the same with the fitted one
 */
public record ClosedForm(String method, double ridge, double errorBefore, double errorAfter) implements Provenance {
    /** Checks that the method has a name. */
    public ClosedForm {
        requireNonNull(method, "method");
    }
}
