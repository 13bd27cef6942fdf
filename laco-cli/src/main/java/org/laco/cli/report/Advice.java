package org.laco.cli.report;

import com.google.common.base.Throwables;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.laco.io.CutOffException;

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
     * Says with an error that scores are not lost.
     *
     * @param error the error
     * @param kept how many scores are kept; nothing is said of none
     */
    public static void resume(Throwable error, int kept) {
        if (kept > 0) {
            add(
                    error,
                    "--resume goes on after the " + (kept == 1 ? "one score that is" : kept + " scores that are")
                            + " kept");
        }
    }

    /**
     * Finds the advice that was added to an error or one of its causes, or that its kind asks for.
     *
     * @param error the error
     * @return the rest of its line
     */
    public static Optional<String> of(Throwable error) {
        List<Throwable> causes = Throwables.getCausalChain(error);
        return causes.stream()
                .flatMap(cause -> Arrays.stream(cause.getSuppressed()))
                .filter(Advice.class::isInstance)
                .map(Throwable::getMessage)
                .findFirst()
                .or(() -> causes.stream()
                        .filter(CutOffException.class::isInstance)
                        .findFirst()
                        .map(cause -> "--resume goes on with it, --force begins anew"));
    }
}
