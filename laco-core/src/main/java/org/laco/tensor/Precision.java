package org.laco.tensor;

import java.util.Arrays;
import java.util.Locale;

/** How precisely the matrix products of weights are computed. Everything else, and every sum, is in float32 whichever it is. */
public enum Precision {
    /** Inputs as they are, weights as they are stored: what everything is computed in unless something else is asked for. */
    FLOAT32,
    /**
     * Inputs are rounded to bfloat16, to nearest even, where the weight is stored in bfloat16; other weights are multiplied as in
     * float32. Never used without being asked for, since it changes the cosine of a candidate in its third decimal.
     */
    BFLOAT16;

    /**
     * Finds a precision by its name.
     *
     * @param name {@code float32} or {@code bfloat16}
     * @return the precision
     * @throws IllegalArgumentException if there is none of that name
     */
    public static Precision named(String name) {
        return Arrays.stream(values())
                .filter(precision -> precision.toString().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "unknown precision " + name + ", expected one of " + Arrays.toString(values())));
    }

    /**
     * Returns the name that options and records use.
     *
     * @return {@code float32} or {@code bfloat16}
     */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
