package org.laco.cli.report;

import com.google.common.base.Throwables;
import java.util.Arrays;
import java.util.Optional;

/** What to do about an error that went through who knows it: kept among the error's suppressed ones, and printed behind it. */
public final class Advice extends Exception {
    private static final long serialVersionUID = 1L;

    private Advice(String advice) {
        super(advice, null, false, false);
    }

    /**
     * Adds advice to an error.
     *
     * @param error the error
     * @param advice the rest of the error's line
     */
    public static void add(Throwable error, String advice) {
        error.addSuppressed(new Advice(advice));
    }

    /**
     * Finds the advice that was added to an error or one of its causes.
     *
     * @param error the error
     * @return the rest of its line
     */
    public static Optional<String> of(Throwable error) {
        return Throwables.getCausalChain(error).stream()
                .flatMap(cause -> Arrays.stream(cause.getSuppressed()))
                .filter(Advice.class::isInstance)
                .map(Throwable::getMessage)
                .findFirst();
    }
}
