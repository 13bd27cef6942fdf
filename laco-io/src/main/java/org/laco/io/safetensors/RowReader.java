package org.laco.io.safetensors;

import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import org.bytedeco.javacpp.BytePointer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Copies stored elements into arrays, straight from the mapping where that is aligned.
 *
 * <p>ND4J's own conversion from one buffer to another does the work, in as few calls as possible: each starts and joins its
 * threads, which takes far longer than the copy where other work competes for the processors. The array that views the
 * mapping never leaves this class: the mapping is read-only, and an in-place operation on it would end the process.
 */
final class RowReader {
    /** How much is copied at a time to be aligned, in bytes. */
    private static final int ALIGNED_COPY = 1 << 25;

    private final MappedTensor tensor;
    private final int width;

    RowReader(MappedTensor tensor) {
        this.tensor = tensor;
        this.width = tensor.dataType().width();
    }

    void copy(long firstByte, INDArray destination) throws SafetensorsException {
        long end = firstByte + destination.length() * width;
        for (long from = firstByte; from < end; ) {
            int length = (int) Math.min(end - from, tensor.contiguous(from));
            MappedByteBuffer part = tensor.part(from, length);
            if (part.alignmentOffset(0, width) == 0) {
                assign(part, destination, (from - firstByte) / width);
            } else {
                assignMisaligned(part, destination, (from - firstByte) / width);
            }
            tensor.check(from, length);
            from += length;
        }
    }

    private void assign(ByteBuffer stored, INDArray destination, long at) {
        long length = stored.remaining() / width;
        try {
            elements(destination, at, length).assign(view(new BytePointer(stored), length));
        } finally {
            Reference.reachabilityFence(stored);
        }
    }

    private void assignMisaligned(ByteBuffer stored, INDArray destination, long at) {
        try (BytePointer aligned = new BytePointer(Math.min(ALIGNED_COPY, stored.remaining()))) {
            ByteBuffer copy = aligned.asByteBuffer();
            for (int from = 0; from < stored.capacity(); from += copy.capacity()) {
                int count = Math.min(copy.capacity(), stored.capacity() - from);
                copy.clear().put(stored.slice(from, count));
                long length = count / width;
                elements(destination, at + from / width, length).assign(view(aligned, length));
            }
        }
    }

    private INDArray view(BytePointer bytes, long length) {
        DataType type = tensor.dataType();
        return Nd4j.create(Nd4j.createBuffer(bytes, length, type), new long[] {length}, new long[] {1}, 0, 'c', type);
    }

    /** Views elements of a dense array, which may itself be a view, in their order. */
    private static INDArray elements(INDArray array, long from, long length) {
        return Nd4j.create(
                array.data(), new long[] {length}, new long[] {1}, array.offset() + from, 'c', array.dataType());
    }
}
