package org.laco.synthesize;

import java.util.Random;

/**
 * Normally distributed numbers that depend on a seed and their place only, so that any of them can be had without those before it.
 *
 * <p>The bits are those of SplitMix64 (Steele, Lea and Flood, <a href="https://doi.org/10.1145/2714064.2660195">Fast splittable
 * pseudorandom number generators</a>), whose state is a counter. Each sixteen of them choose one of 65,536 numbers that were drawn from
 * the distribution.
 */
final class RandomValues {
    /** The deviation that Llama models are initialised with. */
    private static final double DEVIATION = 0.02;

    private static final long GOLDEN_GAMMA = 0x9e3779b97f4a7c15L;
    private static final int TABLE = 1 << 16;

    private final float[] table = new float[TABLE];

    /** Draws the table; all have the same values, which bfloat16 can hold. */
    RandomValues() {
        Random random = new Random(1);
        for (int i = 0; i < TABLE; i++) {
            // Both types hold it, so that models that differ in their type only have the same values.
            int bits = Float.floatToRawIntBits((float) (DEVIATION * random.nextGaussian()));
            table[i] = Float.intBitsToFloat(bits & 0xffff0000);
        }
    }

    /**
     * Copies values.
     *
     * @param seed which sequence
     * @param from the index of the first value, a multiple of 4
     * @param destination what is filled, from its start
     * @param count how many values
     */
    void copy(long seed, long from, float[] destination, int count) {
        long state = seed + from / 4 * GOLDEN_GAMMA;
        for (int i = 0; i < count; i += 4) {
            state += GOLDEN_GAMMA;
            long bits = mix(state);
            for (int lane = 0; lane < 4 && i + lane < count; lane++) {
                destination[i + lane] = table[(int) (bits >>> 16 * lane) & 0xffff];
            }
        }
    }

    private static long mix(long state) {
        long z = (state ^ state >>> 30) * 0xbf58476d1ce4e5b9L;
        z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
        return z ^ z >>> 31;
    }
}
