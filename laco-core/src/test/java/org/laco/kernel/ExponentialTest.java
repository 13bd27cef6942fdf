package org.laco.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.FloatRange;
import org.junit.jupiter.api.Test;

class ExponentialTest {
    @Property
    void isWithinOneUnitInTheLastPlaceOfAFloat(@ForAll @FloatRange(min = -87, max = 88) float x) {
        float exact = (float) StrictMath.exp(x);

        assertThat(Math.abs((float) Exponential.exp(x) - exact)).isLessThanOrEqualTo(Math.ulp(exact));
    }

    @Test
    void isZeroOrInfiniteAsAFloatFarOut() {
        assertThat((float) Exponential.exp(-1e30)).isZero();
        assertThat((float) Exponential.exp(Double.NEGATIVE_INFINITY)).isZero();
        assertThat((float) Exponential.exp(1e30)).isInfinite();
    }

    @Test
    void keepsNotANumber() {
        assertThat(Exponential.exp(Double.NaN)).isNaN();
        assertThat(Exponential.silu(Float.NaN)).isNaN();
    }

    @Property
    void siluIsWithinTwoUnitsInTheLastPlace(@ForAll @FloatRange(min = -80, max = 1e6f) float x) {
        float exact = (float) (x / (1 + StrictMath.exp(-x)));

        assertThat(Math.abs(Exponential.silu(x) - exact)).isLessThanOrEqualTo(2 * Math.ulp(exact));
    }

    @Property
    void tanhIsAsExactAsAFloatNearOne(@ForAll @FloatRange(min = -1e6f, max = 1e6f) float x) {
        assertThat(Exponential.tanh(x)).isCloseTo(StrictMath.tanh(x), within(6e-8));
    }
}
