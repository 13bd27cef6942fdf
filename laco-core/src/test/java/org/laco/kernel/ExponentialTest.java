package org.laco.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ExponentialTest {
    private static final long SEED = 20;
    private static final int TRIES = 10_000;

    /** Numbers of a range: its ends, those about zero, and as many near zero as far from it. */
    private static List<Float> numbers(float min, float max) {
        List<Float> numbers = new ArrayList<>(List.of(
                min, Math.nextUp(min), Math.nextDown(max), max, 0f, -0f, Float.MIN_VALUE, -Float.MIN_VALUE, 1f, -1f));
        SplittableRandom random = new SplittableRandom(SEED);
        for (int i = 0; i < TRIES; i++) {
            float share = random.nextFloat();
            float end = random.nextBoolean() ? min : max;
            numbers.add(i % 2 == 0 ? min + share * (max - min) : end * (float) Math.pow(2, -30 * share));
        }
        return numbers;
    }

    @Test
    void isWithinOneUnitInTheLastPlaceOfAFloat() {
        assertThat(numbers(-87, 88)).as("seed %s", SEED).allSatisfy(x -> {
            float exact = (float) StrictMath.exp(x);

            assertThat(Math.abs((float) Exponential.exp((double) x) - exact)).isLessThanOrEqualTo(Math.ulp(exact));
        });
    }

    @Test
    void isWithinOneUnitInTheLastPlaceInFloat32() {
        assertThat(numbers(-87, 88)).as("seed %s", SEED).allSatisfy(x -> {
            float exact = (float) StrictMath.exp(x);

            assertThat(Math.abs(Exponential.exp((float) x) - exact)).isLessThanOrEqualTo(Math.ulp(exact));
        });
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

    @Test
    void siluIsWithinTwoUnitsInTheLastPlace() {
        assertThat(numbers(-80, 1e6f)).as("seed %s", SEED).allSatisfy(x -> {
            float exact = (float) (x / (1 + StrictMath.exp(-x)));

            assertThat(Math.abs(Exponential.silu(x) - exact)).isLessThanOrEqualTo(2 * Math.ulp(exact));
        });
    }

    @Test
    void tanhIsAsExactAsAFloatNearOne() {
        assertThat(numbers(-1e6f, 1e6f)).as("seed %s", SEED).allSatisfy(x -> assertThat(Exponential.tanh(x))
                .isCloseTo(StrictMath.tanh(x), within(6e-8)));
    }
}
