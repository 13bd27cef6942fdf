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

    @Property
    void isWithinOneUnitInTheLastPlaceInFloat32(@ForAll @FloatRange(min = -87, max = 88) float x) {
        float exact = (float) StrictMath.exp(x);

        assertThat(Math.abs(Exponential.exp(x) - exact)).isLessThanOrEqualTo(Math.ulp(exact));
    }

    /** Random numbers can miss the worst ones: here are all from −80 to 80 that 16 bits of mantissa name. */
    @Test
    void staysWithinItsBoundsAllOverItsRange() {
        double worst = 0;
        double worstSilu = 0;
        for (int bits = Float.floatToIntBits(1e-3f); bits < Float.floatToIntBits(80f); bits += 1 << 7) {
            for (float x : new float[] {Float.intBitsToFloat(bits), -Float.intBitsToFloat(bits)}) {
                worst = Math.max(worst, units(Exponential.exp(x), Math.exp(x)));
                worstSilu = Math.max(worstSilu, units(Exponential.silu(x), x / (1 + Math.exp(-x))));
            }
        }
        assertThat(worst).isLessThanOrEqualTo(1);
        assertThat(worstSilu).isLessThanOrEqualTo(2);
    }

    private static double units(float value, double exact) {
        return Math.abs(value - (float) exact) / Math.ulp((float) exact);
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
