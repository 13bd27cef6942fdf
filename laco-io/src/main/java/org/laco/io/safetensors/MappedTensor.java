package org.laco.io.safetensors;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.ShortPointer;
import org.laco.tensor.StoredTensor;
import org.nd4j.common.util.ArrayUtil;
import org.nd4j.linalg.api.buffer.DataBuffer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A tensor in a memory-mapped file.
 *
 * <p>Values are read into float32 or float64 arrays, or into arrays of the stored type. The stored bytes themselves can be
 * looked at with {@link #bytes}, without a copy, through a buffer that can't be written to.
 *
 * <p>Any read throws {@link IllegalStateException} once the file is closed, and {@link UncheckedIOException} if the file
 * was cut or became unreadable after it was opened.
 */
public final class MappedTensor implements StoredTensor {
    private static final int WRITE_BLOCK = 1 << 23;

    private final OpenedFile file;
    private final TensorEntry entry;
    private final Pieces pieces;
    private final long position;

    MappedTensor(OpenedFile file, TensorEntry entry, Pieces pieces, long position) {
        this.file = file;
        this.entry = entry;
        this.pieces = pieces;
        this.position = position;
    }

    @Override
    public String name() {
        return entry.name();
    }

    /**
     * Returns the type of the stored elements.
     *
     * @return the type
     */
    public Dtype dtype() {
        return entry.dtype();
    }

    @Override
    public String storedType() {
        return entry.dtype().name();
    }

    @Override
    public DataType dataType() {
        return entry.dtype().dataType();
    }

    @Override
    public long[] shape() {
        return entry.shape().toArray();
    }

    @Override
    public long byteLength() {
        return entry.byteLength();
    }

    @Override
    public void copyRows(long firstRow, INDArray destination) {
        file.requireOpen(name());
        checkType(destination);
        checkShape(firstRow, destination);
        if (destination.isEmpty()) {
            return;
        }
        try {
            new RowReader(this).copy(firstRow == 0 ? 0 : firstRow * rowBytes(), destination);
        } catch (SafetensorsException e) {
            throw new UncheckedIOException(e.getMessage(), e);
        }
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
        file.requireOpen(name());
        checkType(destination);
        checkSlice(destination, first);
        if (destination.isEmpty()) {
            return;
        }
        checkDense(destination);
        try {
            new SliceReader(this, first.clone(), destination).copy();
        } catch (SafetensorsException e) {
            throw new UncheckedIOException(e.getMessage(), e);
        }
    }

    @Override
    public void writeTo(WritableByteChannel channel) throws IOException {
        file.requireOpen(name());
        for (long from = 0; from < byteLength(); ) {
            int length = Math.min(WRITE_BLOCK, contiguous(from));
            write(part(from, length), channel, from);
            from += length;
        }
    }

    private void write(ByteBuffer part, WritableByteChannel channel, long from) throws IOException {
        int length = part.remaining();
        try {
            while (part.hasRemaining()) {
                channel.write(part);
            }
        } catch (IOException | InternalError e) {
            // The system and the runtime report a page that is gone in one of these ways.
            check(from, length);
            throw e;
        }
        check(from, length);
    }

    /**
     * Returns stored bytes of some rows in place, little-endian, row-major.
     *
     * <p>The buffer stays readable after the file is closed. Native code should be given its address only right after this
     * call, which has made sure that the file still has these bytes.
     *
     * @param firstRow the index of the first row
     * @param rows the number of rows, at most {@link #rowsInPlace rowsInPlace(firstRow)}
     * @return a read-only direct buffer; not aligned to the element size where the file isn't
     * @throws IllegalArgumentException if these rows don't lie in one mapping
     */
    public ByteBuffer bytes(long firstRow, long rows) {
        file.requireOpen(name());
        if (firstRow < 0 || rows < 0 || rows > rowsInPlace(firstRow)) {
            throw new IllegalArgumentException(describe() + " has no rows " + firstRow + " to " + (firstRow + rows)
                    + " in one mapping, expected at most " + rowsInPlace(firstRow) + " rows from there");
        }
        int length = Math.toIntExact(rows * rowBytes());
        if (length == 0) {
            return ByteBuffer.allocateDirect(0).asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
        }
        try {
            return part(firstRow * rowBytes(), length);
        } catch (SafetensorsException e) {
            throw new UncheckedIOException(e.getMessage(), e);
        }
    }

    /**
     * Copies stored bytes as they are.
     *
     * @param from the first byte, from 0
     * @param destination where they go, from its start
     * @param count the number of bytes
     * @throws IndexOutOfBoundsException if the tensor or the destination has fewer bytes
     */
    public void copyBytes(long from, byte[] destination, int count) {
        file.requireOpen(name());
        Objects.checkFromIndexSize(from, count, byteLength());
        try {
            for (int at = 0; at < count; ) {
                int length = Math.min(count - at, contiguous(from + at));
                copy(from + at, destination, at, length);
                at += length;
            }
        } catch (SafetensorsException e) {
            throw new UncheckedIOException(e.getMessage(), e);
        }
    }

    private void copy(long from, byte[] destination, int at, int length) throws SafetensorsException {
        ByteBuffer part = part(from, length);
        try {
            part.get(destination, at, length);
        } catch (InternalError e) {
            // The runtime reports a page that is gone in this way.
            check(from, length);
            throw e;
        }
        check(from, length);
    }

    /**
     * Returns how many rows {@link #bytes} can give from a row on.
     *
     * @param firstRow the index of a row
     * @return all that follow, unless the tensor is larger than 2 GiB; 0 if there is no such row, if a row alone is larger, or
     *     if elements are smaller than a byte
     */
    public long rowsInPlace(long firstRow) {
        if (firstRow < 0 || firstRow >= rows() || dtype().bits() % 8 != 0) {
            return 0;
        }
        long rowBytes = rowBytes();
        return rowBytes == 0 ? rows() - firstRow : contiguous(firstRow * rowBytes) / rowBytes;
    }

    @Override
    public boolean liesInPlace() {
        DataType type = dataType();
        boolean half = type == DataType.BFLOAT16 || type == DataType.HALF;
        return half && length() > 0 && rowsInPlace(0) >= rows();
    }

    @Override
    public Optional<INDArray> inPlace() {
        if (!liesInPlace()) {
            return Optional.empty();
        }
        DataType type = dataType();
        DataBuffer elements = Nd4j.createBuffer(new ShortPointer(new BytePointer(bytes(0, rows()))), length(), type);
        long[] shape = shape();
        return Optional.of(Nd4j.create(elements, shape, ArrayUtil.calcStrides(shape), 0, 'c', type));
    }

    /** Asks the system for the pages of a part, and waits for them. */
    void load(long from, int length) throws SafetensorsException {
        part(from, length).load();
    }

    int contiguous(long from) {
        return pieces.contiguous(from);
    }

    /** Returns bytes that lie in one mapping, after making sure that they are still there. */
    MappedByteBuffer part(long from, int length) throws SafetensorsException {
        check(from, length);
        return pieces.slice(from, length);
    }

    void check(long from, int length) throws SafetensorsException {
        file.check(name(), position + from, position + from + length);
    }

    private long rows() {
        return entry.shape().isEmpty() ? 1 : entry.shape().get(0);
    }

    private long rowBytes() {
        return rows() == 0 ? 0 : byteLength() / rows();
    }

    private void checkType(INDArray destination) {
        if (dataType() == DataType.UNKNOWN) {
            throw new IllegalArgumentException(
                    describe() + " cannot be read as numbers, its type has no counterpart in ND4J");
        }
        DataType type = destination.dataType();
        if (type != DataType.FLOAT && type != DataType.DOUBLE && type != dataType()) {
            throw new IllegalArgumentException(describe() + " cannot be read into an array of type " + type
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
            throw new IllegalArgumentException(describe() + " has no rows from " + firstRow
                    + " that fill an array of shape " + Arrays.toString(into));
        }
        if (!destination.isEmpty()) {
            checkDense(destination);
        }
    }

    private void checkSlice(INDArray destination, long[] first) {
        long[] into = destination.shape();
        long[] stored = shape();
        boolean fits = into.length == stored.length && first.length == stored.length;
        for (int i = 0; fits && i < stored.length; i++) {
            fits = first[i] >= 0 && into[i] <= stored[i] && first[i] <= stored[i] - into[i];
        }
        if (!fits) {
            throw new IllegalArgumentException(describe() + " has no block from " + Arrays.toString(first)
                    + " that fills an array of shape " + Arrays.toString(into));
        }
    }

    private void checkDense(INDArray destination) {
        if (!isDense(destination)) {
            throw new IllegalArgumentException(
                    describe() + " cannot be read into an array that isn't dense in 'c' order");
        }
    }

    /** Returns whether elements follow each other in 'c' order; the strides of dimensions of one element say nothing. */
    static boolean isDense(INDArray array) {
        long expected = 1;
        for (int i = array.rank() - 1; i >= 0; i--) {
            if (array.size(i) != 1 && array.stride(i) != expected) {
                return false;
            }
            expected *= array.size(i);
        }
        return true;
    }

    private String describe() {
        return file.path() + ": tensor '" + name() + "' of dtype " + dtype() + " and shape " + entry.shape();
    }

    @Override
    public String toString() {
        return describe();
    }
}
