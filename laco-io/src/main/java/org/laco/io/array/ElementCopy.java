package org.laco.io.array;

import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import org.bytedeco.javacpp.BytePointer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Copies little-endian elements of one type into arrays, straight from where they lie if that is aligned native memory.
 *
 * <p>ND4J's own conversion from one buffer to another does the work, in as few calls as possible: each starts and joins its
 * threads, which takes far longer than the copy where other work competes for the processors. The array that views the
 * elements never leaves this class: they may lie in a read-only mapping, and an in-place operation on it would end the process.
 */
final class ElementCopy {
    /** How much is copied at a time to be aligned, in bytes: whole elements of any type. */
    static final int ALIGNED_COPY = 1 << 25;

    private final DataType type;
    private final int width;

    ElementCopy(DataType type) {
        this.type = type;
        this.width = type.width();
    }

    /** Puts all of a buffer's elements into a dense array, from its element {@code at} on. */
    void assign(ByteBuffer stored, INDArray destination, long at) {
        if (stored.isDirect() && stored.alignmentOffset(stored.position(), width) == 0) {
            assignAligned(stored, destination, at);
        } else {
            assignMisaligned(stored, destination, at);
        }
    }

    private void assignAligned(ByteBuffer stored, INDArray destination, long at) {
        try {
            assign(new BytePointer(stored), stored.remaining(), destination, at);
        } finally {
            Reference.reachabilityFence(stored);
        }
    }

    private void assignMisaligned(ByteBuffer stored, INDArray destination, long at) {
        int end = stored.limit();
        try (BytePointer aligned = new BytePointer(Math.min(ALIGNED_COPY, stored.remaining()))) {
            ByteBuffer copy = aligned.asByteBuffer();
            for (int from = stored.position(); from < end; from += copy.capacity()) {
                int count = Math.min(copy.capacity(), end - from);
                copy.clear().put(stored.slice(from, count));
                assign(aligned, count, destination, at + (from - stored.position()) / width);
            }
        }
    }

    /** Puts the elements in the first bytes of aligned native memory into a dense array. */
    void assign(BytePointer aligned, long bytes, INDArray destination, long at) {
        long length = bytes / width;
        elements(destination, at, length)
                .assign(Nd4j.create(
                        Nd4j.createBuffer(aligned, length, type), new long[] {length}, new long[] {1}, 0, 'c', type));
    }

    /** Views elements of a dense array, which may itself be a view, in their order. */
    private static INDArray elements(INDArray array, long from, long length) {
        return Nd4j.create(
                array.data(), new long[] {length}, new long[] {1}, array.offset() + from, 'c', array.dataType());
    }
}
