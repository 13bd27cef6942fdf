package org.laco.train;

/**
 * One step of a training.
 *
 * @param step its number, from 1
 * @param steps the number of all steps
 * @param tokens the number of tokens read up to its end
 * @param loss the mean loss on its tokens, before the step, in nats
 * @param gradientNorm the norm of all gradients together, before they were clipped
 * @param rate the learning rate
 */
public record TrainingStep(long step, long steps, long tokens, double loss, double gradientNorm, double rate) {}
