package org.laco.plan;

/** What made a fitted weight: a regression in closed form, or training. */
public sealed interface Provenance permits ClosedForm, Training {
    /**
     * Returns the name of the method.
     *
     * @return such as {@code ridge}
     */
    String method();
}
