package org.laco.io.safetensors;

import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import org.bytedeco.javacpp.BytePointer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Copies stored elements into arrays, block by block, straight from the mapping where that is aligned.
 *
 * <p>ND4J's own conversion from one buffer to another does the work. The array that views the mapping never leaves this
 * class: the mapping is read-only, and an in-place operation on it would end the process.
 */
final class RowReader {
    /** A block: large enough to hide the cost of a call, small enough to be copied when it is not aligned. */
    private static final int BLOCK = 1 << 23;

    private final MappedTensor tensor;
    private final int width;

    RowReader(MappedTensor tensor) {
        this.tensor = tensor;
        this.width = tensor.dataType().width();
    }

    void copy(long firstByte, INDArray destination) throws SafetensorsException {
        long end = firstByte + destination.length() * width;
        for (long from = firstByte; from < end; ) {
            int length = (int) Math.min(Math.min(BLOCK, end - from), tensor.contiguous(from));
            MappedByteBuffer block = tensor.part(from, length);
            INDArray target = part(destination, (from - firstByte) / width, length / width);
            if (block.alignmentOffset(0, width) == 0) {
                assign(block, target);
            } else {
                assignMisaligned(block, target);
            }
            tensor.check(from, length);
            from += length;
        }
    }

    private void assign(ByteBuffer block, INDArray target) {
        try {
            target.assign(view(new BytePointer(block), target.length()));
        } finally {
            Reference.reachabilityFence(block);
        }
    }

    private void assignMisaligned(ByteBuffer block, INDArray target) {
        try (BytePointer aligned = new BytePointer(block.remaining())) {
            aligned.asByteBuffer().put(block);
            target.assign(view(aligned, target.length()));
        }
    }

    private INDArray view(BytePointer bytes, long length) {
        DataType type = tensor.dataType();
        return Nd4j.create(Nd4j.createBuffer(bytes, length, type), new long[] {length}, new long[] {1}, 0, 'c', type);
    }

    /** Views elements of a dense array in their order; the offset counts from the start of the array's own buffer. */
    private static INDArray part(INDArray array, long from, long length) {
        return Nd4j.create(array.data(), new long[] {length}, new long[] {1}, from, 'c', array.dataType());
    }
}
