package org.laco.train;

/**
 * The loss on the validation text.
 *
 * @param step the number of steps taken before
 * @param loss the mean loss in nats
 * @param best whether it is the lowest so far
 */
public record ValidationLoss(long step, double loss, boolean best) {}
