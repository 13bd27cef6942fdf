package org.laco.io.safetensors;

import com.google.common.base.Enums;
import java.util.Arrays;
import java.util.Optional;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * The element types of the safetensors format, under the names that stand in its headers.
 *
 * <p>Those that ND4J has no type for ({@link #dataType} is {@link DataType#UNKNOWN}) can be copied from file to file, but
 * not be read as numbers.
 */
public enum Dtype {
    /** A truth value in one byte, 0 or 1. */
    BOOL(8, DataType.BOOL),
    /** 4-bit float, two to a byte. */
    F4(4, DataType.UNKNOWN),
    /** 6-bit float with 2 exponent bits, four to three bytes. */
    F6_E2M3(6, DataType.UNKNOWN),
    /** 6-bit float with 3 exponent bits, four to three bytes. */
    F6_E3M2(6, DataType.UNKNOWN),
    /** Unsigned 8-bit integer. */
    U8(8, DataType.UBYTE),
    /** Signed 8-bit integer. */
    I8(8, DataType.BYTE),
    /** 8-bit float with 5 exponent bits. */
    F8_E5M2(8, DataType.UNKNOWN),
    /** 8-bit float with 4 exponent bits. */
    F8_E4M3(8, DataType.UNKNOWN),
    /** 8-bit power of two, a scale. */
    F8_E8M0(8, DataType.UNKNOWN),
    /** 8-bit float with 4 exponent bits, without infinities and negative zero. */
    F8_E4M3FNUZ(8, DataType.UNKNOWN),
    /** 8-bit float with 5 exponent bits, without infinities and negative zero. */
    F8_E5M2FNUZ(8, DataType.UNKNOWN),
    /** Signed 16-bit integer. */
    I16(16, DataType.SHORT),
    /** Unsigned 16-bit integer. */
    U16(16, DataType.UINT16),
    /** IEEE 754 half precision. */
    F16(16, DataType.HALF),
    /** The upper half of a float32. */
    BF16(16, DataType.BFLOAT16),
    /** Signed 32-bit integer. */
    I32(32, DataType.INT),
    /** Unsigned 32-bit integer. */
    U32(32, DataType.UINT32),
    /** IEEE 754 single precision. */
    F32(32, DataType.FLOAT),
    /** A complex number of two float32. */
    C64(64, DataType.UNKNOWN),
    /** IEEE 754 double precision. */
    F64(64, DataType.DOUBLE),
    /** Signed 64-bit integer. */
    I64(64, DataType.LONG),
    /** Unsigned 64-bit integer. */
    U64(64, DataType.UINT64);

    private final int bits;
    private final DataType dataType;

    Dtype(int bits, DataType dataType) {
        this.bits = bits;
        this.dataType = dataType;
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
     * Finds the type that elements of an ND4J array are stored in.
     *
     * @param dataType ND4J's type
     * @return the type, empty for texts and compressed arrays, which the format lacks
     */
    public static Optional<Dtype> of(DataType dataType) {
        return Arrays.stream(values())
                .filter(dtype -> dtype.dataType == dataType && dataType != DataType.UNKNOWN)
                .findFirst();
    }

    /**
     * Returns the size of one element.
     *
     * @return the size in bits, which is no multiple of 8 for {@link #F4}, {@link #F6_E2M3} and {@link #F6_E3M2}
     */
    public int bits() {
        return bits;
    }

    /**
     * Returns ND4J's type for the elements.
     *
     * @return the type, {@link DataType#UNKNOWN} where ND4J has none
     */
    public DataType dataType() {
        return dataType;
    }
}
