package org.laco.stack;

import java.util.Arrays;
import java.util.stream.Collectors;

/** In how many bits matrix products take their inputs; sums are float32 or wider in either. */
public enum Precision {
    /** Float32, the default of everything that decides or is recorded. */
    FLOAT32("float32"),
    /** Weights and inputs of products rounded to bfloat16: faster on some processors, and good for a first look only. */
    BFLOAT16("bfloat16");

    private final String label;

    Precision(String label) {
        this.label = label;
    }

    /**
     * Returns the name that records and options use.
     *
     * @return such as {@code float32}
     */
    public String label() {
        return label;
    }

    /**
     * Finds a precision.
     *
     * @param label such as {@code bfloat16}
     * @return the precision
     * @throws IllegalArgumentException if there is none of that name
     */
    public static Precision named(String label) {
        return Arrays.stream(values())
                .filter(precision -> precision.label.equals(label))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("unknown precision " + label + ", expected one of "
                        + Arrays.stream(values()).map(Precision::label).collect(Collectors.joining(", "))));
    }
}
