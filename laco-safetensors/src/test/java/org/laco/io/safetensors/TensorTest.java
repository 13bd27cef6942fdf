package org.laco.io.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TensorTest {
    private static String hex(Tensor tensor) {
        byte[] bytes = new byte[tensor.byteLength()];
        tensor.bytes().get(bytes);
        return HexFormat.of().withUpperCase().formatHex(bytes);
    }

    private static Tensor stored(Dtype dtype, String hex) {
        return Tensor.of(dtype, new long[0], ByteBuffer.wrap(HexFormat.of().parseHex(hex)));
    }

    @Test
    void holdsJavasArraysInLittleEndian() {
        assertThat(hex(Tensor.of(new float[] {-1.5f}))).isEqualTo("0000C0BF");
        assertThat(hex(Tensor.of(new double[] {-1.5}))).isEqualTo("000000000000F8BF");
        assertThat(hex(Tensor.of(new long[] {-2}))).isEqualTo("FEFFFFFFFFFFFFFF");
        assertThat(hex(Tensor.of(new int[] {-2}))).isEqualTo("FEFFFFFF");
        assertThat(hex(Tensor.of(new short[] {-2, 1}, 2))).isEqualTo("FEFF0100");
        assertThat(hex(Tensor.of(new byte[] {-2, 1}, 2, 1))).isEqualTo("FE01");
        assertThat(hex(Tensor.of(new boolean[] {true, false}, 1, 2))).isEqualTo("0100");
        assertThat(hex(Tensor.bfloat16(new float[] {-1.5f}))).isEqualTo("C0BF");
        assertThat(hex(Tensor.float16(new float[] {1.5f}))).isEqualTo("003E");
        assertThat(Tensor.of(new boolean[] {true, false}, 1, 2).dtype()).isEqualTo(Dtype.BOOL);
    }

    @Test
    void viewsItsElements() {
        assertThat(Tensor.of(new float[] {1, 2}, 2).asFloatBuffer().get(1)).isEqualTo(2);
        assertThat(Tensor.of(new double[] {1, 2}, 2).asDoubleBuffer().get(1)).isEqualTo(2);
        assertThat(Tensor.of(new long[] {1, 2}, 2).asLongBuffer().get(1)).isEqualTo(2);
        assertThat(Tensor.of(new int[] {1, 2}, 2).asIntBuffer().get(1)).isEqualTo(2);
        assertThat(Tensor.bfloat16(new float[] {1, 2}, 2).asShortBuffer().get(1))
                .isEqualTo((short) 0x4000);
        Tensor changed = Tensor.of(new int[] {1, 2}, 2);
        changed.asIntBuffer().put(0, 7);
        assertThat(changed.toLongs()).containsExactly(7, 2);
    }

    @ParameterizedTest
    @CsvSource({
        "BOOL, 01, 1",
        "U8, FF, 255",
        "I8, FE, -2",
        "I16, FEFF, -2",
        "U16, FEFF, 65534",
        "I32, FEFFFFFF, -2",
        "U32, 000000F0, 4026531840",
        "I64, FEFFFFFFFFFFFFFF, -2",
        "U64, 0000000000000080, -9223372036854775808",
    })
    void convertsIntegersToLongs(Dtype dtype, String hex, long expected) {
        assertThat(stored(dtype, hex).toLongs()).containsExactly(expected);
    }

    @ParameterizedTest
    @CsvSource({
        "BF16, C0BF, -1.5",
        "BF16, 807F, Infinity",
        "BF16, 0100, 9.1835e-41",
        "F16, 003E, 1.5",
        "F16, FF7B, 65504",
        "F16, 00FC, -Infinity",
        "F16, 0100, 5.9604645e-8",
        "F16, 5535, 0.33325195",
        "F16, 0080, -0.0",
        "F32, 0000C0BF, -1.5",
        "F64, 000000000000F8BF, -1.5",
        "F64, 9A9999999999B93F, 0.1",
    })
    void convertsFloatingPointToFloats(Dtype dtype, String hex, float expected) {
        assertThat(stored(dtype, hex).toFloats()).containsExactly(expected);
        if (dtype != Dtype.F64) {
            assertThat(stored(dtype, hex).toDoubles()).containsExactly(expected);
        }
    }

    @Test
    void convertsFloat64WithoutRounding() {
        assertThat(stored(Dtype.F64, "9A9999999999B93F").toDoubles()).containsExactly(0.1);
        assertThat(stored(Dtype.F16, "007E").toDoubles()).containsExactly(Double.NaN);
    }

    /** Every float16 is its own rounding, and halfway between two neighbours the even one is. */
    @Test
    void roundsToTheNearestFloat16AndHalvesToEven() {
        for (int bits = 0; bits < 0x7c00; bits++) {
            float value = HalfPrecision.fromFloat16((short) bits);
            float next = bits == 0x7bff ? 65536 : HalfPrecision.fromFloat16((short) (bits + 1));
            float half = value + (next - value) / 2;
            assertThat(HalfPrecision.toFloat16(value)).isEqualTo((short) bits);
            assertThat(HalfPrecision.toFloat16(-value)).isEqualTo((short) (bits | 0x8000));
            assertThat(HalfPrecision.toFloat16(half)).isEqualTo((short) (bits + (bits & 1)));
            assertThat(HalfPrecision.toFloat16(Math.nextDown(half))).isEqualTo((short) bits);
            assertThat(HalfPrecision.toFloat16(Math.nextUp(half))).isEqualTo((short) (bits + 1));
        }
        assertThat(HalfPrecision.toFloat16(Float.POSITIVE_INFINITY)).isEqualTo((short) 0x7c00);
        assertThat(HalfPrecision.fromFloat16(HalfPrecision.toFloat16(Float.NaN)))
                .isNaN();
    }

    @Test
    void roundsToTheNearestBfloat16AndHalvesToEven() {
        assertThat(Tensor.bfloat16(new float[] {0.1f, 0x1.01p0f, 0x1.03p0f, Float.MAX_VALUE, Float.NaN}, 5)
                        .toFloats())
                .containsExactly(0x1.9ap-4f, 1, 0x1.04p0f, Float.POSITIVE_INFINITY, Float.NaN);
    }

    @Test
    void isEqualToATensorOfTheSameTypeShapeAndBytes() {
        Tensor tensor = Tensor.of(new int[] {1, 2}, 2);
        ByteBuffer direct = ByteBuffer.allocateDirect(10).order(ByteOrder.LITTLE_ENDIAN);
        direct.position(1).putInt(1).putInt(2).position(1).limit(9);
        assertThat(Tensor.of(Dtype.I32, new long[] {2}, direct))
                .isEqualTo(tensor)
                .hasSameHashCodeAs(tensor);
        assertThat(Tensor.of(new int[] {1, 2}, 2, 1)).isNotEqualTo(tensor);
        assertThat(Tensor.of(new int[] {1, 3}, 2)).isNotEqualTo(tensor);
        assertThat(Tensor.of(Dtype.U32, new long[] {2}, tensor.bytes())).isNotEqualTo(tensor);
    }

    @Test
    void refusesAShapeOfAnotherSize() {
        assertThatThrownBy(() -> Tensor.of(new float[] {1, 2}, 3))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the shape [3] of dtype F32 takes 12 bytes, but there are 8");
        assertThatThrownBy(() -> Tensor.of(new float[] {1, 2}, -2, -1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the shape [-2, -1] of dtype F32 is not a countable number of whole bytes");
        assertThatThrownBy(() -> Tensor.of(Dtype.F4, new long[] {3}, ByteBuffer.allocate(2)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the shape [3] of dtype F4 is not a countable number of whole bytes");
    }

    @Test
    void refusesToReadElementsAsAnotherType() {
        Tensor tensor = Tensor.of(new int[] {1, 2}, 2);
        assertThatThrownBy(tensor::asFloatBuffer)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage(
                        "a tensor of dtype I32 and shape [2] is read as another type, expected one of [F32]: bytes() has its bits");
        assertThatThrownBy(tensor::toFloats).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> Tensor.of(Dtype.F8_E4M3, new long[] {1}, ByteBuffer.allocate(1))
                        .toFloats())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("expected one of [BF16, F16, F32, F64]");
    }
}
