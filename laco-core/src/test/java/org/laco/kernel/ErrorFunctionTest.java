package org.laco.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ErrorFunctionTest {
    /** Values of Python's math.erf, on both sides of where one approximation follows another. */
    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "1e-9, 1.1283791670955127e-9",
        "0.25, 0.2763263901682369",
        "0.468, 0.49193388960464013",
        "0.469, 0.4928398949625797",
        "1, 0.8427007929497149",
        "2.5, 0.999593047982555",
        "3.99, 0.9999999832607886",
        "4.01, 0.9999999858030606",
        "6, 1"
    })
    void agreesWithPythons(double x, double expected) {
        assertThat(ErrorFunction.erf(x)).isCloseTo(expected, within(4e-9));
        assertThat(ErrorFunction.erf(-x)).isCloseTo(-expected, within(4e-9));
    }

    @Test
    void goesToItsLimits() {
        assertThat(ErrorFunction.erf(Double.POSITIVE_INFINITY)).isEqualTo(1);
        assertThat(ErrorFunction.erf(Double.NEGATIVE_INFINITY)).isEqualTo(-1);
        assertThat(ErrorFunction.erf(Double.NaN)).isNaN();
    }
}
