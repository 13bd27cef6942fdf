package org.laco.io;

import java.nio.file.Path;
import java.time.Duration;
import org.laco.measure.Score;

/**
 * A checkpoint that was written, reopened and measured.
 *
 * @param directory where it is
 * @param record the content of its {@code laco.json}
 * @param verified the similarity to the original, measured on the files that were written
 * @param writing how long writing took
 * @param verifying how long reopening and measuring took
 */
public record WrittenCheckpoint(
        Path directory, CollapseRecord record, Score verified, Duration writing, Duration verifying) {}
