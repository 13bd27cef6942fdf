package org.laco.io.safetensors;

import java.nio.ByteBuffer;
import org.bytedeco.javacpp.BytePointer;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Copies a block out of a tensor: some rows, some columns, and so on along each dimension.
 *
 * <p>What lies together in the file is gathered in aligned memory, and converted from there in as few calls as possible. Only the
 * pages that hold the block are read.
 */
final class SliceReader {
    private final MappedTensor tensor;
    private final ElementCopy elements;
    private final int width;
    private final long[] stored;
    private final long[] first;
    private final INDArray destination;

    /** Takes a block that the tensor has, and a dense array of its shape that isn't empty. */
    SliceReader(MappedTensor tensor, long[] first, INDArray destination) {
        this.tensor = tensor;
        this.elements = new ElementCopy(tensor.dataType());
        this.width = tensor.dataType().width();
        this.stored = tensor.shape();
        this.first = first;
        this.destination = destination;
    }

    void copy() throws SafetensorsException {
        int outer = outerDimensions();
        if (outer == 0) {
            new RowReader(tensor).copy(position(new long[stored.length]), destination);
        } else {
            gather(outer);
        }
    }

    /** Returns how many dimensions have to be stepped through, the others of the block lying together in the file. */
    private int outerDimensions() {
        int outer = Math.max(0, stored.length - 1);
        while (outer > 0 && destination.size(outer) == stored[outer]) {
            outer--;
        }
        while (outer > 0 && destination.size(outer - 1) == 1) {
            outer--;
        }
        return outer;
    }

    private void gather(int outer) throws SafetensorsException {
        long runBytes = width;
        for (int i = outer; i < stored.length; i++) {
            runBytes *= destination.size(i);
        }
        long bytes = destination.length() * width;
        try (BytePointer aligned = new BytePointer(Math.min(bytes, ElementCopy.ALIGNED_COPY))) {
            ByteBuffer gathered = aligned.asByteBuffer();
            long[] step = new long[stored.length];
            long converted = 0;
            for (long done = 0; done < bytes; done += runBytes) {
                long from = position(step);
                for (long end = from + runBytes; from < end; ) {
                    from += gather(from, end, gathered);
                    if (!gathered.hasRemaining()) {
                        elements.assign(aligned, gathered.capacity(), destination, converted);
                        converted += gathered.capacity() / width;
                        gathered.clear();
                    }
                }
                advance(step, outer);
            }
            if (gathered.position() > 0) {
                elements.assign(aligned, gathered.position(), destination, converted);
            }
        }
    }

    /** Appends stored bytes as far as they lie in one mapping and fit, and returns how many. */
    private int gather(long from, long end, ByteBuffer gathered) throws SafetensorsException {
        int length = (int) Math.min(Math.min(end - from, gathered.remaining()), tensor.contiguous(from));
        gathered.put(tensor.part(from, length));
        tensor.check(from, length);
        return length;
    }

    /** Returns the byte in the tensor of an element of the block. */
    private long position(long[] step) {
        long element = 0;
        for (int i = 0; i < stored.length; i++) {
            element = element * stored[i] + first[i] + step[i];
        }
        return element * width;
    }

    private void advance(long[] step, int outer) {
        for (int i = outer - 1; i >= 0; i--) {
            step[i]++;
            if (step[i] < destination.size(i)) {
                return;
            }
            step[i] = 0;
        }
    }
}
