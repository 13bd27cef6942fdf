package org.laco.fit;

import org.laco.base.Internal;

/**
 * What a {@link FitWorker} says to a question.
 *
 * @param numbers the numbers that were asked for
 * @param stateBytes the size of the hidden states that have been held for them at once at most
 * @param batchBytes the size of what has been held of a batch at once at most
 */
@Internal
@SuppressWarnings("ArrayRecordComponent") // It only carries them.
public record FitAnswer(double[] numbers, long stateBytes, long batchBytes) {}
