package org.laco.io.safetensors;

import com.google.common.base.Enums;
import java.util.Optional;

/** The element types of the safetensors format, under the names that stand in its headers. */
public enum Dtype {
    /** A truth value in one byte, 0 or 1. */
    BOOL(8),
    /** 4-bit float, two to a byte. */
    F4(4),
    /** 6-bit float with 2 exponent bits, four to three bytes. */
    F6_E2M3(6),
    /** 6-bit float with 3 exponent bits, four to three bytes. */
    F6_E3M2(6),
    /** Unsigned 8-bit integer. */
    U8(8),
    /** Signed 8-bit integer. */
    I8(8),
    /** 8-bit float with 5 exponent bits. */
    F8_E5M2(8),
    /** 8-bit float with 4 exponent bits. */
    F8_E4M3(8),
    /** 8-bit power of two, a scale. */
    F8_E8M0(8),
    /** 8-bit float with 4 exponent bits, without infinities and negative zero. */
    F8_E4M3FNUZ(8),
    /** 8-bit float with 5 exponent bits, without infinities and negative zero. */
    F8_E5M2FNUZ(8),
    /** Signed 16-bit integer. */
    I16(16),
    /** Unsigned 16-bit integer. */
    U16(16),
    /** IEEE 754 half precision. */
    F16(16),
    /** The upper half of a float32. */
    BF16(16),
    /** Signed 32-bit integer. */
    I32(32),
    /** Unsigned 32-bit integer. */
    U32(32),
    /** IEEE 754 single precision. */
    F32(32),
    /** A complex number of two float32. */
    C64(64),
    /** IEEE 754 double precision. */
    F64(64),
    /** Signed 64-bit integer. */
    I64(64),
    /** Unsigned 64-bit integer. */
    U64(64);

    private final int bits;

    Dtype(int bits) {
        this.bits = bits;
    }

    /**
     * Finds a type by its name in the format.
     *
     * @param name the name, such as {@code BF16}
     * @return the type, empty if the format has none of that name
     */
    public static Optional<Dtype> of(String name) {
        return Enums.getIfPresent(Dtype.class, name).toJavaUtil();
    }

    /**
     * Returns the size of one element.
     *
     * @return the size in bits, which is no multiple of 8 for {@link #F4}, {@link #F6_E2M3} and {@link #F6_E3M2}
     */
    public int bits() {
        return bits;
    }
}
