package org.laco.io.array;

import java.io.IOException;
import java.nio.channels.WritableByteChannel;
import java.util.Arrays;
import java.util.Optional;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.ShortPointer;
import org.laco.io.safetensors.Dtype;
import org.laco.io.safetensors.MappedTensor;
import org.laco.tensor.ArrayLayout;
import org.laco.tensor.StoredTensor;
import org.nd4j.common.util.ArrayUtil;
import org.nd4j.linalg.api.buffer.DataBuffer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A tensor in a memory-mapped safetensors file, read into ND4J arrays.
 *
 * <p>Values are read into float32 or float64 arrays, or into arrays of the stored type, straight from the mapping. The stored bytes
 * themselves are the {@link #mapped} tensor's.
 *
 * <p>Any read throws {@link IllegalStateException} once the file is closed, and {@link java.io.UncheckedIOException} if the file was cut or
 * became unreadable after it was opened.
 */
public final class FileTensor implements StoredTensor {
    private final MappedTensor mapped;

    FileTensor(MappedTensor mapped) {
        this.mapped = mapped;
    }

    /**
     * Returns the tensor without ND4J, with its bytes.
     *
     * @return the tensor in the file
     */
    public MappedTensor mapped() {
        return mapped;
    }

    @Override
    public String name() {
        return mapped.name();
    }

    /**
     * Returns the type of the stored elements.
     *
     * @return the type
     */
    public Dtype dtype() {
        return mapped.dtype();
    }

    @Override
    public String storedType() {
        return mapped.dtype().name();
    }

    @Override
    public DataType dataType() {
        return ElementTypes.dataType(mapped.dtype());
    }

    @Override
    public long[] shape() {
        return mapped.shape();
    }

    @Override
    public long byteLength() {
        return mapped.byteLength();
    }

    @Override
    public void copyRows(long firstRow, INDArray destination) {
        checkType(destination);
        checkShape(firstRow, destination);
        int width = dataType().width();
        long from = firstRow == 0 ? 0 : firstRow * (byteLength() / shape()[0]);
        fill(destination, reader -> mapped.forEachPart(from, destination.length() * width, reader));
    }

    /**
     * Copies a block into an array, converting each element to the array's type: some rows, some columns of them, and so on. Only the
     * parts of the file that hold the block are read.
     *
     * <pre>{@code
     * INDArray block = Nd4j.createUninitialized(tensor.dataType(), 16, 8);
     * tensor.copySlice(block, 100, 40);   // rows 100 to 115, columns 40 to 47
     * }</pre>
     *
     * @param destination the array to fill, of as many dimensions as the tensor has, dense in 'c' order, of type float32, float64 or
     *     the stored one; its shape is the block's
     * @param first the index of the block's first element along each dimension
     * @throws IllegalArgumentException if the tensor has no such block, or if the type is one that can't be converted
     */
    public void copySlice(INDArray destination, long... first) {
        checkType(destination);
        fill(destination, reader -> mapped.forEachPartOfBlock(first, destination.shape(), reader));
    }

    private void fill(INDArray destination, BlockCopy.Parts parts) {
        if (!destination.isEmpty() && !ArrayLayout.isDense(destination)) {
            throw new IllegalArgumentException(mapped + " cannot be read into an array that isn't dense in 'c' order");
        }
        BlockCopy.fill(dataType(), destination, parts);
    }

    @Override
    public void writeTo(WritableByteChannel channel) throws IOException {
        mapped.writeTo(channel);
    }

    @Override
    public boolean liesInPlace() {
        DataType type = dataType();
        boolean half = type == DataType.BFLOAT16 || type == DataType.HALF;
        return half && length() > 0 && mapped.rowsInPlace(0) >= rows();
    }

    @Override
    public Optional<INDArray> inPlace() {
        if (!liesInPlace()) {
            return Optional.empty();
        }
        DataType type = dataType();
        DataBuffer elements = Nd4j.createBuffer(new ShortPointer(new BytePointer(mapped.bytes())), length(), type);
        long[] shape = shape();
        return Optional.of(Nd4j.create(elements, shape, ArrayUtil.calcStrides(shape), 0, 'c', type));
    }

    private long rows() {
        long[] shape = shape();
        return shape.length == 0 ? 1 : shape[0];
    }

    private void checkType(INDArray destination) {
        if (dataType() == DataType.UNKNOWN) {
            throw new IllegalArgumentException(
                    mapped + " cannot be read as numbers, its type has no counterpart in ND4J");
        }
        DataType type = destination.dataType();
        if (type != DataType.FLOAT && type != DataType.DOUBLE && type != dataType()) {
            throw new IllegalArgumentException(mapped + " cannot be read into an array of type " + type
                    + ", expected FLOAT, DOUBLE or the stored type, " + dataType());
        }
    }

    private void checkShape(long firstRow, INDArray destination) {
        long[] into = destination.shape();
        long[] stored = shape();
        boolean whole = firstRow == 0 && destination.length() == length();
        boolean slices = into.length == stored.length
                && into.length > 0
                && Arrays.equals(into, 1, into.length, stored, 1, stored.length)
                && firstRow >= 0
                && firstRow <= stored[0] - into[0];
        if (!whole && !slices) {
            throw new IllegalArgumentException(
                    mapped + " has no rows from " + firstRow + " that fill an array of shape " + Arrays.toString(into));
        }
    }

    @Override
    public String toString() {
        return mapped.toString();
    }
}
