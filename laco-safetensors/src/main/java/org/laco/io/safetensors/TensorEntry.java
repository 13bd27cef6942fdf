package org.laco.io.safetensors;

import com.google.common.primitives.ImmutableLongArray;

/**
 * What a header says about one tensor.
 *
 * @param name the full name
 * @param dtype the type of the elements
 * @param shape the shape, empty for a scalar
 * @param begin the offset of the first byte in the data, which starts after the header
 * @param end the offset after the last byte
 */
public record TensorEntry(String name, Dtype dtype, ImmutableLongArray shape, long begin, long end) {
    /**
     * Returns the number of elements.
     *
     * @return the product of the shape, 1 for a scalar
     */
    public long length() {
        return shape.stream().reduce(1, Math::multiplyExact);
    }

    /**
     * Returns the size of the elements.
     *
     * @return the size in bytes
     */
    public long byteLength() {
        return end - begin;
    }

    /**
     * Computes the size that elements of a type and a shape take.
     *
     * @throws ArithmeticException if the number of bits overflows, or isn't a number of whole bytes
     */
    static long byteLength(Dtype dtype, ImmutableLongArray shape) {
        long elements = shape.stream().reduce(1, Math::multiplyExact);
        if (dtype.bits() % 8 == 0) {
            return Math.multiplyExact(elements, dtype.bits() / 8);
        }
        long bits = Math.multiplyExact(elements, dtype.bits());
        if (bits % 8 != 0) {
            throw new ArithmeticException(bits + " bits are no whole bytes");
        }
        return bits / 8;
    }
}
