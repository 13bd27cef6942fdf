package org.laco;

import static java.util.Objects.requireNonNull;

/** A search was interrupted. What it had found until then is a result of its own. */
public final class CollapseCancelledException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient CollapseResult partial;

    CollapseCancelledException(CollapseResult partial) {
        super("the search was interrupted after " + partial.steps().size() + " steps");
        this.partial = requireNonNull(partial, "partial");
    }

    /**
     * Returns the plan and the steps until the interruption.
     *
     * @return a result that can be used like that of a finished search
     */
    public CollapseResult partial() {
        return partial;
    }
}
