package org.laco.train;

/** Hears how a training goes, in the thread that trains. All methods do nothing by default. */
public interface TrainingListener {
    /**
     * Called as the frozen parts are computed.
     *
     * @param tokens how many tokens of the text are prepared so far
     */
    default void prepared(long tokens) {}

    /**
     * Called after each step.
     *
     * @param step what it did
     */
    default void stepped(TrainingStep step) {}

    /**
     * Called when the loss on the validation text was measured.
     *
     * @param validation the loss and when
     */
    default void validated(ValidationLoss validation) {}
}
