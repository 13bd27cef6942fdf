package org.laco.merge;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** Where the norms and biases of a merged layer come from. */
public enum NormPolicy {
    /** From the base layer l, as in the authors' code. The default. */
    FROM_BASE,
    /** From the last merged layer l + m. */
    FROM_LAST,
    /** Merged by the rule, like the linear weights. */
    MERGED;

    /**
     * Returns the name that plans and options give.
     *
     * @return such as {@code from-base}
     */
    public String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /**
     * Finds a policy by its label.
     *
     * @param label {@code from-base}, {@code from-last} or {@code merged}
     * @return the policy
     * @throws IllegalArgumentException if there is none of that label
     */
    public static NormPolicy named(String label) {
        return Arrays.stream(values())
                .filter(policy -> policy.label().equals(label))
                .findFirst()
                .orElseThrow(
                        () -> new IllegalArgumentException("'" + label + "' is no norm policy, expected " + labels()));
    }

    private static String labels() {
        List<String> labels = Arrays.stream(values()).map(NormPolicy::label).toList();
        int last = labels.size() - 1;
        return String.join(", ", labels.subList(0, last)) + " or " + labels.get(last);
    }
}
