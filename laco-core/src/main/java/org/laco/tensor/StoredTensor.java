package org.laco.tensor;

import java.io.IOException;
import java.nio.channels.WritableByteChannel;
import java.util.Optional;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A tensor where it is stored: its name, type and shape are known, its values are read when asked for.
 *
 * <p>The stored values cannot be changed through this interface: they may lie in a read-only mapping of a file, where a
 * write would end the process. Values are read into arrays of the caller:
 *
 * <pre>{@code
 * StoredTensor weight = source.tensor("model.layers.3.mlp.up_proj.weight");
 * try (INDArray values = weight.load()) {   // float32, [intermediate, width]
 *     System.out.println(values.norm2Number());
 * }
 * }</pre>
 *
 * <p>Implementations are safe for reads by several threads at once.
 */
public interface StoredTensor {
    /**
     * Returns the full name, such as {@code model.layers.3.mlp.up_proj.weight}.
     *
     * @return the name
     */
    String name();

    /**
     * Returns the type of the stored elements as its format calls it, such as {@code BF16}.
     *
     * @return the type's name
     */
    String storedType();

    /**
     * Returns the ND4J type of the stored elements.
     *
     * @return the type, {@link DataType#UNKNOWN} where ND4J has none for it (the 8-bit floats)
     */
    DataType dataType();

    /**
     * Returns the shape.
     *
     * @return a new array, of length 0 for a scalar
     */
    long[] shape();

    /**
     * Returns the number of elements.
     *
     * @return the product of the shape, 1 for a scalar
     */
    default long length() {
        long length = 1;
        for (long dimension : shape()) {
            length = Math.multiplyExact(length, dimension);
        }
        return length;
    }

    /**
     * Returns the size of the stored elements.
     *
     * @return the size in bytes
     */
    long byteLength();

    /**
     * Copies a block of rows into an array, converting each element to the array's type.
     *
     * <p>A row is a slice along the first dimension. As many rows are copied as the array has; this is how a tensor larger
     * than memory is read.
     *
     * @param firstRow the index of the first row to copy
     * @param destination the array to fill, of shape {@code [rows, …]} with the stored trailing dimensions, in 'c' order, of
     *     a floating-point type or the stored one
     * @throws IllegalArgumentException if the destination's shape doesn't fit, or if the type is one that can't be converted
     */
    void copyRows(long firstRow, INDArray destination);

    /**
     * Copies all values into an array, converting each element to the array's type.
     *
     * @param destination the array to fill, of the same number of elements, in 'c' order
     * @throws IllegalArgumentException if the destination's shape doesn't fit, or if the type is one that can't be converted
     */
    default void copyTo(INDArray destination) {
        copyRows(0, destination);
    }

    /**
     * Loads all values as float32. Integers above 2<sup>24</sup> and float64 are rounded; {@link #loadStored} keeps them.
     *
     * @return a new array of the stored shape, which the caller closes
     */
    default INDArray load() {
        INDArray values = Nd4j.createUninitialized(DataType.FLOAT, shape(), 'c');
        copyTo(values);
        return values;
    }

    /**
     * Loads all values in their stored type, so that none is rounded and none takes more memory than its file has bytes.
     *
     * @return a new array of the stored type and shape, which the caller closes
     * @throws IllegalArgumentException if ND4J has no type for the stored elements
     */
    default INDArray loadStored() {
        if (dataType() == DataType.UNKNOWN) {
            throw new IllegalArgumentException(
                    "tensor '" + name() + "' of type " + storedType() + " can't be loaded, ND4J has no such type");
        }
        INDArray values = Nd4j.createUninitialized(dataType(), shape(), 'c');
        copyTo(values);
        return values;
    }

    /**
     * Returns the stored elements where they lie, without a copy. The default can't.
     *
     * @return an array of the stored type and shape in 'c' order, which must only be read, and only while the source is open; empty if
     *     they don't lie in memory as one piece
     */
    default Optional<INDArray> inPlace() {
        return Optional.empty();
    }

    /**
     * Returns whether {@link #inPlace} returns an array, without making it. The default says no.
     *
     * @return true if the elements lie in memory as one piece
     */
    default boolean liesInPlace() {
        return false;
    }

    /**
     * Returns this tensor with the values that {@link #writeTo} writes. They are others where values are computed more finely than
     * their type can hold, as those of a compressed weight that is decoded while it is read. The default is this tensor.
     *
     * @return a tensor of the same name, type and shape
     */
    default StoredTensor asWritten() {
        return this;
    }

    /**
     * Writes the elements in their stored type, row-major and little-endian, to a channel.
     *
     * @param channel where to write; a blocking channel
     * @throws IOException if writing fails
     */
    void writeTo(WritableByteChannel channel) throws IOException;
}
