package org.laco.cli.report;

import java.time.Duration;

/**
 * How long the parts of a run took.
 *
 * @param open opening the checkpoint and reading the calibration
 * @param search running the original model and searching
 * @param write writing the result, zero if nothing was written
 * @param verify reopening the result and measuring it, zero if nothing was written
 */
public record StageTimes(Duration open, Duration search, Duration write, Duration verify) {}
