package org.laco.io.safetensors;

/** The two 16-bit floating-point types, to and from float32. */
final class HalfPrecision {
    private static final int NAN = 0x7e00;
    private static final int INFINITY = 0x7c00;

    /** Half of the smallest distance between float16 values above 65504, the largest: what is as large rounds to infinity. */
    private static final float OVERFLOW = 65520;

    /** The smallest normal float16. Below, values are multiples of {@link #SUBNORMAL}. */
    private static final float NORMAL = 0x1p-14f;

    private static final float SUBNORMAL = 0x1p-24f;

    private HalfPrecision() {}

    static float fromBfloat16(short bits) {
        return Float.intBitsToFloat(bits << 16);
    }

    /** Rounds to the upper half of a float32, to nearest even. */
    static short toBfloat16(float value) {
        int bits = Float.floatToIntBits(value);
        // The lower half of what is no number must not carry into its exponent.
        return Float.isNaN(value) ? (short) (bits >>> 16) : (short) (bits + 0x7fff + (bits >>> 16 & 1) >>> 16);
    }

    static float fromFloat16(short bits) {
        int exponent = bits >>> 10 & 0x1f;
        int fraction = bits & 0x3ff;
        float magnitude;
        if (exponent == 0) {
            magnitude = fraction * SUBNORMAL;
        } else if (exponent == 0x1f) {
            magnitude = Float.intBitsToFloat(0x7f800000 | fraction << 13);
        } else {
            magnitude = Float.intBitsToFloat(exponent - 15 + 127 << 23 | fraction << 13);
        }
        return bits < 0 ? -magnitude : magnitude;
    }

    /** Rounds to nearest even. */
    static short toFloat16(float value) {
        int sign = Float.floatToRawIntBits(value) >>> 16 & 0x8000;
        float magnitude = Math.abs(value);
        if (Float.isNaN(value)) {
            return (short) (sign | NAN);
        }
        if (magnitude >= OVERFLOW) {
            return (short) (sign | INFINITY);
        }
        if (magnitude < NORMAL) {
            // The division by a power of two is exact, and the one that rounds up to 1024 is the smallest normal
            // number.
            return (short) (sign | (int) Math.rint(magnitude / SUBNORMAL));
        }
        int bits = Float.floatToRawIntBits(magnitude);
        int rounded = bits + 0xfff + (bits >>> 13 & 1) >>> 13;
        return (short) (sign | rounded - (127 - 15 << 10));
    }
}
