package org.laco.merge;

import java.util.Arrays;

/** Where the norms and biases of a merged layer come from. */
public enum NormPolicy {
    /** From the base layer l, as in the authors' code. The default. */
    FROM_BASE("from-base"),
    /** From the last merged layer l + m. */
    FROM_LAST("from-last"),
    /** Merged by the rule, like the linear weights. */
    MERGED("merged");

    private final String label;

    NormPolicy(String label) {
        this.label = label;
    }

    /**
     * Returns the name by which {@link #named} finds the policy again, in plans and on the command line.
     *
     * @return such as {@code from-base}
     */
    public String label() {
        return label;
    }

    /**
     * Finds a policy.
     *
     * @param label {@code from-base}, {@code from-last} or {@code merged}
     * @return the policy
     * @throws IllegalArgumentException if there is none of that name
     */
    public static NormPolicy named(String label) {
        return Arrays.stream(values())
                .filter(policy -> policy.label.equals(label))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "'" + label + "' is no norm policy, expected from-base, from-last or merged"));
    }
}
