package org.laco.io;

import java.util.Optional;
import org.laco.io.safetensors.Dtype;

/** The values of 8-bit floats (Micikevicius et al., arXiv 2209.05433), by their bits. */
enum Float8 {
    /** 4 exponent bits; no infinities, and all ones is no number. */
    E4M3(Dtype.F8_E4M3, 3, 7) {
        @Override
        float special(int bits) {
            return (bits & 0x7f) == 0x7f ? Float.NaN : finite(bits);
        }
    },
    /** 5 exponent bits, with infinities and no numbers as in IEEE 754. */
    E5M2(Dtype.F8_E5M2, 2, 15) {
        @Override
        float special(int bits) {
            return (bits & 3) != 0 ? Float.NaN : (bits & 0x80) == 0 ? Float.POSITIVE_INFINITY : Float.NEGATIVE_INFINITY;
        }
    };

    private final Dtype stored;
    private final int fractionBits;
    private final int bias;
    private final float[] values = new float[256];

    Float8(Dtype stored, int fractionBits, int bias) {
        this.stored = stored;
        this.fractionBits = fractionBits;
        this.bias = bias;
        int ones = (0x7f >> fractionBits) << fractionBits;
        for (int bits = 0; bits < values.length; bits++) {
            values[bits] = (bits & ones) == ones ? special(bits) : finite(bits);
        }
    }

    /** The value of bits whose exponent is all ones. */
    abstract float special(int bits);

    final float finite(int bits) {
        int exponent = (bits & 0x7f) >> fractionBits;
        int fraction = bits & (1 << fractionBits) - 1;
        int significand = exponent == 0 ? fraction : fraction | 1 << fractionBits;
        float size = Math.scalb((float) significand, Math.max(exponent, 1) - bias - fractionBits);
        return (bits & 0x80) == 0 ? size : -size;
    }

    static Optional<Float8> of(Dtype stored) {
        for (Float8 type : values()) {
            if (type.stored == stored) {
                return Optional.of(type);
            }
        }
        return Optional.empty();
    }

    float value(byte bits) {
        return values[bits & 0xff];
    }
}
