package org.laco.tensor;

import static com.google.common.base.Preconditions.checkArgument;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.util.Arrays;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** A tensor held in memory by an ND4J array of the stored type. */
public final class ArrayTensor implements StoredTensor {
    private final String name;
    private final INDArray values;

    private ArrayTensor(String name, INDArray values) {
        this.name = name;
        this.values = values;
    }

    /**
     * Wraps an array, which must not be changed or closed as long as the tensor is used. An array whose elements don't follow
     * each other in 'c' order, such as a transposed one or a slice of columns, is copied.
     *
     * @param name the tensor's full name
     * @param values the values in their stored type
     * @return the tensor
     */
    public static ArrayTensor of(String name, INDArray values) {
        return new ArrayTensor(name, ArrayLayout.isWholeBuffer(values) ? values : values.dup('c'));
    }

    /**
     * Reads what {@link #writeTo} writes.
     *
     * @param name the tensor's full name
     * @param type the stored type
     * @param shape the shape
     * @param channel where the elements are read from, row-major and little-endian; a blocking channel
     * @return a tensor in memory of its own, which is freed with it
     * @throws IOException if reading fails, or there are too few bytes
     */
    public static ArrayTensor read(String name, DataType type, long[] shape, ReadableByteChannel channel)
            throws IOException {
        ArrayTensor tensor = new ArrayTensor(name, Nd4j.createUninitialized(type, shape, 'c'));
        tensor.eachPart(part -> {
            while (part.hasRemaining()) {
                if (channel.read(part) < 0) {
                    throw new EOFException("tensor " + name + ": its elements end too early");
                }
            }
        });
        return tensor;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String storedType() {
        return StoredTypes.name(values.dataType());
    }

    @Override
    public DataType dataType() {
        return values.dataType();
    }

    @Override
    public long[] shape() {
        return values.shape().clone();
    }

    @Override
    public long byteLength() {
        return length() * values.dataType().width();
    }

    @Override
    public void copyRows(long firstRow, INDArray destination) {
        RowTiles.check(this, firstRow, destination);
        if (destination.isEmpty()) {
            return;
        }
        if (firstRow == 0 && destination.length() == values.length()) {
            destination.assign(values.reshape(destination.shape()));
        } else {
            destination.assign(RowTiles.of(values, firstRow, destination.size(0)));
        }
    }

    @Override
    public void writeTo(WritableByteChannel channel) throws IOException {
        eachPart(part -> {
            while (part.hasRemaining()) {
                channel.write(part);
            }
        });
    }

    private interface PartUse {
        void accept(ByteBuffer part) throws IOException;
    }

    /** Passes the elements' bytes on, as many at once as a buffer may hold. */
    private void eachPart(PartUse use) throws IOException {
        checkArgument(
                ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN,
                "tensor %s: reading and writing need a little-endian processor",
                name);
        long bytes = byteLength();
        long chunk = 1 << 28;
        for (long at = 0; at < bytes; at += chunk) {
            use.accept(HostBytes.of(values, at, (int) Math.min(chunk, bytes - at)));
        }
    }

    @Override
    public String toString() {
        return name + " " + storedType() + Arrays.toString(shape());
    }
}
