package org.laco.io;

import static java.util.Objects.requireNonNull;

import com.google.common.collect.ImmutableList;
import java.util.Locale;

/**
 * What became of checking a written checkpoint.
 *
 * @param checks the checks in the order in which they were made
 */
public record Verification(ImmutableList<Check> checks) {
    /** Checks that nothing is null. */
    public Verification {
        requireNonNull(checks, "checks");
    }

    /**
     * Returns whether nothing was found to be wrong, however much could be checked.
     *
     * @return false if a check failed
     */
    public boolean isVerified() {
        return checks.stream().noneMatch(check -> check.outcome() == Outcome.FAILED);
    }

    /** How a check came out. */
    public enum Outcome {
        /** What is there is what it should be. */
        PASSED,
        /** It isn't. */
        FAILED,
        /** It could not be checked. */
        SKIPPED;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * One check.
     *
     * @param name what was checked: {@code outputs}, {@code inputs}, {@code plan}, {@code fitted}, {@code trained}
     *     or {@code similarity}
     * @param outcome how it came out
     * @param detail what was found, in one sentence
     */
    public record Check(String name, Outcome outcome, String detail) {
        /** Checks that nothing is null. */
        public Check {
            requireNonNull(name, "name");
            requireNonNull(outcome, "outcome");
            requireNonNull(detail, "detail");
        }
    }
}
