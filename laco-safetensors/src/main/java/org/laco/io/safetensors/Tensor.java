package org.laco.io.safetensors;

import static java.util.Objects.requireNonNull;

import com.google.common.primitives.ImmutableLongArray;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.nio.ShortBuffer;
import java.util.Arrays;

/**
 * Values in memory, in a type of the format: fewer than 2<sup>31</sup> bytes of them, row by row.
 *
 * <pre>{@code
 * Tensor weight = Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3);
 * System.out.println(weight.asFloatBuffer().get(5));                                 // 6.0
 * Tensor half = Tensor.bfloat16(new float[] {0.1f}, 1);
 * System.out.println(half.toFloats()[0]);                                            // 0.100097656
 * }</pre>
 *
 * <p>A tensor views its bytes, which somebody else may change. Two are equal if type, shape and bytes are.
 */
public final class Tensor {
    private final Dtype dtype;
    private final ImmutableLongArray shape;
    private final ByteBuffer bytes;

    private Tensor(Dtype dtype, ImmutableLongArray shape, ByteBuffer bytes) {
        this.dtype = dtype;
        this.shape = shape;
        this.bytes = bytes;
    }

    /**
     * Views stored bytes, which aren't copied.
     *
     * @param dtype the type of the elements
     * @param shape the shape, of length 0 for a scalar
     * @param bytes the elements between the buffer's position and its limit, row-major and little-endian, on the heap or direct
     * @return the tensor
     * @throws IllegalArgumentException if type and shape take another number of bytes
     */
    public static Tensor of(Dtype dtype, long[] shape, ByteBuffer bytes) {
        requireNonNull(dtype, "dtype");
        ImmutableLongArray dimensions = ImmutableLongArray.copyOf(shape);
        long expected;
        try {
            if (dimensions.stream().anyMatch(dimension -> dimension < 0)) {
                throw new ArithmeticException("a negative dimension");
            }
            expected = TensorEntry.byteLength(dtype, dimensions);
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException(
                    "the shape " + dimensions + " of dtype " + dtype + " is not a countable number of whole bytes", e);
        }
        if (expected != bytes.remaining()) {
            throw new IllegalArgumentException("the shape " + dimensions + " of dtype " + dtype + " takes " + expected
                    + " bytes, but there are " + bytes.remaining());
        }
        return new Tensor(dtype, dimensions, bytes.slice().order(ByteOrder.LITTLE_ENDIAN));
    }

    /**
     * Copies values as F32.
     *
     * @param values the values, row by row
     * @param shape the shape; none for a scalar
     * @return the tensor
     * @throws IllegalArgumentException if the shape has another number of elements
     */
    public static Tensor of(float[] values, long... shape) {
        ByteBuffer bytes = allocate(values.length, Dtype.F32);
        bytes.asFloatBuffer().put(values);
        return of(Dtype.F32, shape, bytes);
    }

    /**
     * Copies values as F64.
     *
     * @param values the values, row by row
     * @param shape the shape; none for a scalar
     * @return the tensor
     * @throws IllegalArgumentException if the shape has another number of elements
     */
    public static Tensor of(double[] values, long... shape) {
        ByteBuffer bytes = allocate(values.length, Dtype.F64);
        bytes.asDoubleBuffer().put(values);
        return of(Dtype.F64, shape, bytes);
    }

    /**
     * Copies values as I64.
     *
     * @param values the values, row by row
     * @param shape the shape; none for a scalar
     * @return the tensor
     * @throws IllegalArgumentException if the shape has another number of elements
     */
    public static Tensor of(long[] values, long... shape) {
        ByteBuffer bytes = allocate(values.length, Dtype.I64);
        bytes.asLongBuffer().put(values);
        return of(Dtype.I64, shape, bytes);
    }

    /**
     * Copies values as I32.
     *
     * @param values the values, row by row
     * @param shape the shape; none for a scalar
     * @return the tensor
     * @throws IllegalArgumentException if the shape has another number of elements
     */
    public static Tensor of(int[] values, long... shape) {
        ByteBuffer bytes = allocate(values.length, Dtype.I32);
        bytes.asIntBuffer().put(values);
        return of(Dtype.I32, shape, bytes);
    }

    /**
     * Copies values as I16.
     *
     * @param values the values, row by row
     * @param shape the shape; none for a scalar
     * @return the tensor
     * @throws IllegalArgumentException if the shape has another number of elements
     */
    public static Tensor of(short[] values, long... shape) {
        ByteBuffer bytes = allocate(values.length, Dtype.I16);
        bytes.asShortBuffer().put(values);
        return of(Dtype.I16, shape, bytes);
    }

    /**
     * Copies values as I8.
     *
     * @param values the values, row by row
     * @param shape the shape; none for a scalar
     * @return the tensor
     * @throws IllegalArgumentException if the shape has another number of elements
     */
    public static Tensor of(byte[] values, long... shape) {
        return of(Dtype.I8, shape, ByteBuffer.wrap(values.clone()));
    }

    /**
     * Copies truth values as BOOL.
     *
     * @param values the values, row by row
     * @param shape the shape; none for a scalar
     * @return the tensor
     * @throws IllegalArgumentException if the shape has another number of elements
     */
    public static Tensor of(boolean[] values, long... shape) {
        ByteBuffer bytes = allocate(values.length, Dtype.BOOL);
        for (boolean value : values) {
            bytes.put((byte) (value ? 1 : 0));
        }
        return of(Dtype.BOOL, shape, bytes.flip());
    }

    /**
     * Rounds values to BF16, to nearest even.
     *
     * @param values the values, row by row
     * @param shape the shape; none for a scalar
     * @return the tensor
     * @throws IllegalArgumentException if the shape has another number of elements
     */
    public static Tensor bfloat16(float[] values, long... shape) {
        ByteBuffer bytes = allocate(values.length, Dtype.BF16);
        for (float value : values) {
            bytes.putShort(HalfPrecision.toBfloat16(value));
        }
        return of(Dtype.BF16, shape, bytes.flip());
    }

    /**
     * Rounds values to F16, to nearest even.
     *
     * @param values the values, row by row
     * @param shape the shape; none for a scalar
     * @return the tensor
     * @throws IllegalArgumentException if the shape has another number of elements
     */
    public static Tensor float16(float[] values, long... shape) {
        ByteBuffer bytes = allocate(values.length, Dtype.F16);
        for (float value : values) {
            bytes.putShort(HalfPrecision.toFloat16(value));
        }
        return of(Dtype.F16, shape, bytes.flip());
    }

    private static ByteBuffer allocate(int length, Dtype dtype) {
        return ByteBuffer.allocate(Math.multiplyExact(length, dtype.bits() / 8)).order(ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * Returns the type of the elements.
     *
     * @return the type
     */
    public Dtype dtype() {
        return dtype;
    }

    /**
     * Returns the shape.
     *
     * @return a new array, of length 0 for a scalar
     */
    public long[] shape() {
        return shape.toArray();
    }

    /**
     * Returns the number of elements.
     *
     * @return the product of the shape, 1 for a scalar
     */
    public long length() {
        return 8L * bytes.limit() / dtype.bits();
    }

    /**
     * Returns the size of the elements.
     *
     * @return the size in bytes
     */
    public int byteLength() {
        return bytes.limit();
    }

    /**
     * Returns the bytes themselves, whatever the type: what is written to the buffer is written to the tensor, if that isn't read-only.
     *
     * @return a little-endian buffer with a position of its own
     */
    public ByteBuffer bytes() {
        return bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * Views the elements of an F32 tensor.
     *
     * @return a view of the elements themselves
     * @throws IllegalStateException if the type is another one
     */
    public FloatBuffer asFloatBuffer() {
        require(Dtype.F32);
        return bytes().asFloatBuffer();
    }

    /**
     * Views the elements of an F64 tensor.
     *
     * @return a view of the elements themselves
     * @throws IllegalStateException if the type is another one
     */
    public DoubleBuffer asDoubleBuffer() {
        require(Dtype.F64);
        return bytes().asDoubleBuffer();
    }

    /**
     * Views the elements of an I64 or U64 tensor.
     *
     * @return a view of the elements themselves
     * @throws IllegalStateException if the type is another one
     */
    public LongBuffer asLongBuffer() {
        require(Dtype.I64, Dtype.U64);
        return bytes().asLongBuffer();
    }

    /**
     * Views the elements of an I32 or U32 tensor.
     *
     * @return a view of the elements themselves
     * @throws IllegalStateException if the type is another one
     */
    public IntBuffer asIntBuffer() {
        require(Dtype.I32, Dtype.U32);
        return bytes().asIntBuffer();
    }

    /**
     * Views the elements of an I16 or U16 tensor, or the bits of an F16 or BF16 one.
     *
     * @return a view of the elements themselves
     * @throws IllegalStateException if the type is another one
     */
    public ShortBuffer asShortBuffer() {
        require(Dtype.I16, Dtype.U16, Dtype.F16, Dtype.BF16);
        return bytes().asShortBuffer();
    }

    /**
     * Converts the elements of a BF16, F16, F32 or F64 tensor to float32; only those of F64 may be rounded.
     *
     * @return the values, row by row
     * @throws IllegalStateException if the type is another one
     */
    public float[] toFloats() {
        require(Dtype.BF16, Dtype.F16, Dtype.F32, Dtype.F64);
        float[] values = new float[(int) length()];
        switch (dtype) {
            case BF16 -> {
                for (int i = 0; i < values.length; i++) {
                    values[i] = HalfPrecision.fromBfloat16(bytes.getShort(2 * i));
                }
            }
            case F16 -> {
                for (int i = 0; i < values.length; i++) {
                    values[i] = HalfPrecision.fromFloat16(bytes.getShort(2 * i));
                }
            }
            case F32 -> asFloatBuffer().get(values);
            default -> {
                for (int i = 0; i < values.length; i++) {
                    values[i] = (float) bytes.getDouble(8 * i);
                }
            }
        }
        return values;
    }

    /**
     * Converts the elements of a BF16, F16, F32 or F64 tensor to float64, which rounds none.
     *
     * @return the values, row by row
     * @throws IllegalStateException if the type is another one
     */
    public double[] toDoubles() {
        if (dtype == Dtype.F64) {
            double[] values = new double[(int) length()];
            asDoubleBuffer().get(values);
            return values;
        }
        float[] floats = toFloats();
        double[] values = new double[floats.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = floats[i];
        }
        return values;
    }

    /**
     * Converts the elements of an integer or BOOL tensor. Unsigned ones are positive, but for U64 of 2<sup>63</sup> and more, of which the
     * bits are returned, as {@link Long#toUnsignedString} takes them.
     *
     * @return the values, row by row
     * @throws IllegalStateException if the type is another one
     */
    public long[] toLongs() {
        require(Dtype.BOOL, Dtype.U8, Dtype.I8, Dtype.U16, Dtype.I16, Dtype.U32, Dtype.I32, Dtype.U64, Dtype.I64);
        long[] values = new long[(int) length()];
        for (int i = 0; i < values.length; i++) {
            values[i] = switch (dtype) {
                case BOOL, U8 -> bytes.get(i) & 0xff;
                case I8 -> bytes.get(i);
                case U16 -> bytes.getShort(2 * i) & 0xffff;
                case I16 -> bytes.getShort(2 * i);
                case U32 -> bytes.getInt(4 * i) & 0xffff_ffffL;
                case I32 -> bytes.getInt(4 * i);
                default -> bytes.getLong(8 * i);
            };
        }
        return values;
    }

    private void require(Dtype... expected) {
        if (!Arrays.asList(expected).contains(dtype)) {
            throw new IllegalStateException(this + " is read as another type, expected one of "
                    + Arrays.toString(expected) + ": bytes() has its bits");
        }
    }

    /**
     * Gives the values a name, to be written with tensors that aren't in memory.
     *
     * @param name the full name
     * @return a tensor that writes these values
     */
    public WritableTensor named(String name) {
        return new NamedTensor(requireNonNull(name, "a tensor's name"), this);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Tensor tensor
                && dtype == tensor.dtype
                && shape.equals(tensor.shape)
                && bytes.equals(tensor.bytes);
    }

    @Override
    public int hashCode() {
        return 31 * (31 * dtype.hashCode() + shape.hashCode()) + bytes.hashCode();
    }

    /** Names the type and the shape. */
    @Override
    public String toString() {
        return "a tensor of dtype " + dtype + " and shape " + shape;
    }
}
