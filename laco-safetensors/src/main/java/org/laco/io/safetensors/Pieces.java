package org.laco.io.safetensors;

import com.google.common.collect.ImmutableList;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;

/**
 * The mapped bytes of one tensor: a single buffer, or several of one size where the tensor is larger than a buffer can be.
 *
 * @param buffers the bytes in order
 * @param pieceBytes the size of each buffer but the last
 */
record Pieces(ImmutableList<MappedByteBuffer> buffers, long pieceBytes) {
    static final Pieces EMPTY = new Pieces(ImmutableList.of(), 1);

    /** Returns how many bytes follow each other in one buffer from an offset on. */
    int contiguous(long from) {
        int index = Math.toIntExact(from / pieceBytes);
        return index < buffers.size() ? buffers.get(index).capacity() - (int) (from % pieceBytes) : 0;
    }

    /** Returns a part that lies in one buffer; it keeps the mapping alive. */
    MappedByteBuffer slice(long from, int length) {
        MappedByteBuffer buffer = buffers.get(Math.toIntExact(from / pieceBytes));
        MappedByteBuffer slice = buffer.slice((int) (from % pieceBytes), length);
        slice.order(ByteOrder.LITTLE_ENDIAN);
        return slice;
    }
}
