package org.laco.spark;

import com.google.common.base.CharMatcher;
import com.google.common.base.Splitter;
import java.io.IOException;
import java.io.UncheckedIOException;

/** Spark gave up on a task, for a reason that isn't the model's: no executor could be had, or it was lost again and again. */
final class ClusterException extends UncheckedIOException {
    private static final long serialVersionUID = 1;

    private ClusterException(String message, Throwable cause) {
        super(message, new IOException(message, cause));
    }

    static ClusterException of(Throwable error) {
        return new ClusterException("Spark gave up on a task: " + firstLine(error), error);
    }

    /** What an error of Spark's says before it goes on with the executor's stack. */
    static String firstLine(Throwable error) {
        return Splitter.on(CharMatcher.anyOf("\r\n"))
                .splitToStream(String.valueOf(error.getMessage()))
                .filter(line -> !line.isBlank())
                .findFirst()
                .orElse(error.getClass().getSimpleName());
    }
}
