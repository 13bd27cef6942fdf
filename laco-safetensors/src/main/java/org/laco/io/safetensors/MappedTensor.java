package org.laco.io.safetensors;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.Objects;

/**
 * A tensor in a memory-mapped file.
 *
 * <p>The stored bytes can be looked at where they lie, with {@link #bytes} and {@link #forEachPart}, through buffers that can't be written to,
 * or copied into memory as a whole or as a block, with {@link #load} and {@link #slice}.
 *
 * <pre>{@code
 * MappedTensor weight = file.tensor("weight");                                       // [200, 64]
 * Tensor block = weight.slice(new long[] {100, 40}, new long[] {16, 8});   // rows 100 to 115, columns 40 to 47
 * float[] values = block.toFloats();
 * }</pre>
 *
 * <p>Any read throws {@link IllegalStateException} once the file is closed, and {@link UncheckedIOException} if the file
 * was cut or became unreadable after it was opened. Several threads may read at once.
 */
public final class MappedTensor implements WritableTensor {
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

    @Override
    public Dtype dtype() {
        return entry.dtype();
    }

    @Override
    public long[] shape() {
        return entry.shape().toArray();
    }

    /**
     * Returns the number of elements.
     *
     * @return the product of the shape, 1 for a scalar
     */
    public long length() {
        return entry.length();
    }

    @Override
    public long byteLength() {
        return entry.byteLength();
    }

    /**
     * Copies all values into memory, in their stored type.
     *
     * @return the values
     * @throws IllegalArgumentException if they take 2 GiB or more, which {@link #slice} and {@link #bytes} read in parts
     */
    public Tensor load() {
        ByteBuffer bytes = allocate(byteLength());
        forEachPart(0, byteLength(), (part, at) -> bytes.put(part));
        return Tensor.of(dtype(), shape(), bytes.flip());
    }

    /**
     * Copies a block into memory, in the stored type: some rows, some columns of them, and so on. Only the parts of the file that hold
     * the block are read.
     *
     * @param first the index of the block's first element along each dimension
     * @param shape the block's shape, of as many dimensions as the tensor has
     * @return the block
     * @throws IllegalArgumentException if the tensor has no such block, if the block takes 2 GiB or more, or if elements are smaller
     *     than a byte
     */
    public Tensor slice(long[] first, long[] shape) {
        Block block = Block.of(this, first, shape);
        ByteBuffer bytes = allocate(block.byteLength());
        forEachPartOf(block, (part, at) -> bytes.put(part));
        return Tensor.of(dtype(), shape, bytes.flip());
    }

    private ByteBuffer allocate(long bytes) {
        if (bytes > FileMapper.MAX_MAPPING) {
            throw new IllegalArgumentException(this + " takes " + bytes + " bytes here, expected at most "
                    + FileMapper.MAX_MAPPING + " at once: read it in parts");
        }
        return ByteBuffer.allocateDirect((int) bytes);
    }

    /**
     * Returns all stored bytes in place, little-endian, row-major.
     *
     * @return a read-only direct buffer, as of {@link #bytes(long, long)}
     * @throws IllegalArgumentException if they don't lie in one mapping, as those of a tensor of 2 GiB or more
     */
    public ByteBuffer bytes() {
        file.requireOpen(name());
        if (byteLength() == 0) {
            return nothing();
        }
        if (contiguous(0) < byteLength()) {
            throw new IllegalArgumentException(
                    this + " has " + byteLength() + " bytes, which don't lie in one mapping: " + "read it in parts");
        }
        return inPlace(0, (int) byteLength());
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
            throw new IllegalArgumentException(this + " has no rows " + firstRow + " to " + (firstRow + rows)
                    + " in one mapping, expected at most " + rowsInPlace(firstRow) + " rows from there");
        }
        int length = Math.toIntExact(rows * rowBytes());
        return length == 0 ? nothing() : inPlace(firstRow * rowBytes(), length);
    }

    private static ByteBuffer nothing() {
        return ByteBuffer.allocateDirect(0).asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
    }

    private ByteBuffer inPlace(long from, int length) {
        try {
            return part(from, length);
        } catch (SafetensorsException e) {
            throw new UncheckedIOException(e.getMessage(), e);
        }
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

    /**
     * Copies stored bytes as they are.
     *
     * @param from the first byte, from 0
     * @param destination where they go, from its start
     * @param count the number of bytes
     * @throws IndexOutOfBoundsException if the tensor or the destination has fewer bytes
     */
    public void copyBytes(long from, byte[] destination, int count) {
        forEachPart(from, count, (part, at) -> part.get(destination, (int) at, part.remaining()));
    }

    /**
     * Shows stored bytes in place, one part after the other, each in one mapping. Before and after each it is made sure that the file has
     * these bytes, so that what was read of a file that is cut meanwhile is refused.
     *
     * <pre>{@code
     * tensor.forEachPart(0, tensor.byteLength(), (part, at) -> digest.update(part));
     * }</pre>
     *
     * @param from the first byte, from 0
     * @param count the number of bytes
     * @param reader what looks at a part
     * @param <E> what the reader may throw
     * @throws E if the reader does
     * @throws IndexOutOfBoundsException if the tensor has fewer bytes
     */
    public <E extends Exception> void forEachPart(long from, long count, PartReader<E> reader) throws E {
        file.requireOpen(name());
        Objects.checkFromIndexSize(from, count, byteLength());
        try {
            show(from, count, FileMapper.MAX_MAPPING, 0, reader);
        } catch (SafetensorsException e) {
            throw new UncheckedIOException(e.getMessage(), e);
        }
    }

    /**
     * Shows the stored bytes of a block in place and in order, as {@link #forEachPart} does. Bytes that follow each other in the file come
     * together, so that a block of whole rows is one part.
     *
     * @param first the index of the block's first element along each dimension
     * @param shape the block's shape, of as many dimensions as the tensor has
     * @param reader what looks at a part
     * @param <E> what the reader may throw
     * @throws E if the reader does
     * @throws IllegalArgumentException if the tensor has no such block, or if elements are smaller than a byte
     */
    public <E extends Exception> void forEachPartOfBlock(long[] first, long[] shape, PartReader<E> reader) throws E {
        forEachPartOf(Block.of(this, first, shape), reader);
    }

    private <E extends Exception> void forEachPartOf(Block block, PartReader<E> reader) throws E {
        file.requireOpen(name());
        try {
            block.<E>forEachRun((from, count, at) -> show(from, count, FileMapper.MAX_MAPPING, at, reader));
        } catch (SafetensorsException e) {
            throw new UncheckedIOException(e.getMessage(), e);
        }
    }

    @Override
    public void writeTo(WritableByteChannel channel) throws IOException {
        requireNonNull(channel, "channel");
        file.requireOpen(name());
        show(0, byteLength(), WRITE_BLOCK, 0, (part, at) -> {
            while (part.hasRemaining()) {
                channel.write(part);
            }
        });
    }

    private <E extends Exception> void show(long from, long count, int most, long before, PartReader<E> reader)
            throws E, SafetensorsException {
        for (long at = 0; at < count; ) {
            int length = (int) Math.min(Math.min(most, count - at), contiguous(from + at));
            show(part(from + at, length), from + at, before + at, reader);
            at += length;
        }
    }

    private <E extends Exception> void show(MappedByteBuffer part, long from, long before, PartReader<E> reader)
            throws E, SafetensorsException {
        int length = part.remaining();
        try {
            reader.read(part, before);
        } catch (Exception | InternalError e) {
            // The system and the runtime report a page that is gone in one of these ways.
            check(from, length);
            throw e;
        }
        check(from, length);
    }

    /** Asks the system for the pages of a part, and waits for them. */
    void load(long from, int length) throws SafetensorsException {
        part(from, length).load();
    }

    int contiguous(long from) {
        return pieces.contiguous(from);
    }

    /** Returns bytes that lie in one mapping, after making sure that they are still there. */
    private MappedByteBuffer part(long from, int length) throws SafetensorsException {
        check(from, length);
        return pieces.slice(from, length);
    }

    private void check(long from, int length) throws SafetensorsException {
        file.check(name(), position + from, position + from + length);
    }

    private long rows() {
        return entry.shape().isEmpty() ? 1 : entry.shape().get(0);
    }

    private long rowBytes() {
        return rows() == 0 ? 0 : byteLength() / rows();
    }

    /** Names the file, the tensor, its type and its shape. */
    @Override
    public String toString() {
        return file.path() + ": tensor '" + name() + "' of dtype " + dtype() + " and shape " + entry.shape();
    }
}
