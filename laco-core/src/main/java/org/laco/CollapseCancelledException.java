package org.laco;

import static java.util.Objects.requireNonNull;

import java.util.concurrent.CancellationException;

/**
 * A search was interrupted. What it had found until then is a result of its own.
 *
 * <pre>{@code
 * try {
 *     result = collapse.apply(model);
 * } catch (CollapseCancelledException e) {
 *     result = e.partial();
 * }
 * }</pre>
 *
 * <p>Whatever else is interrupted, such as a training, a measurement or a checkpoint that is being written, throws a {@link
 * CancellationException} too, so that whoever needs no partial result catches only that.
 */
public final class CollapseCancelledException extends CancellationException {
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
