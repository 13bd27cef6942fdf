package org.laco.io.safetensors;

import java.util.Arrays;

/**
 * A block of a tensor, cut along every dimension: the runs of bytes that it is made of follow each other in the file as far as they can.
 *
 * @param stored the tensor's shape
 * @param first the index of the block's first element along each dimension
 * @param size the block's shape
 * @param width the bytes of an element
 */
record Block(long[] stored, long[] first, long[] size, int width) {
    static Block of(MappedTensor tensor, long[] first, long[] size) {
        long[] stored = tensor.shape();
        boolean fits = size.length == stored.length && first.length == stored.length;
        for (int i = 0; fits && i < stored.length; i++) {
            fits = first[i] >= 0 && size[i] >= 0 && size[i] <= stored[i] && first[i] <= stored[i] - size[i];
        }
        if (!fits) {
            throw new IllegalArgumentException(
                    tensor + " has no block from " + Arrays.toString(first) + " of shape " + Arrays.toString(size));
        }
        if (tensor.dtype().bits() % 8 != 0) {
            throw new IllegalArgumentException(tensor + " has no blocks, its elements are smaller than a byte");
        }
        return new Block(stored, first.clone(), size.clone(), tensor.dtype().bits() / 8);
    }

    /** Bytes that follow each other in the file. */
    interface Run<E extends Exception> {
        void accept(long from, long count, long at) throws E, SafetensorsException;
    }

    /** Returns the size of the block's elements. */
    long byteLength() {
        return Arrays.stream(size).reduce(width, Math::multiplyExact);
    }

    <E extends Exception> void forEachRun(Run<E> run) throws E, SafetensorsException {
        int outer = outerDimensions();
        long bytes = byteLength();
        if (bytes == 0) {
            return;
        }
        long runBytes = width;
        for (int i = outer; i < size.length; i++) {
            runBytes *= size[i];
        }
        long[] step = new long[size.length];
        for (long done = 0; done < bytes; done += runBytes) {
            run.accept(position(step), runBytes, done);
            advance(step, outer);
        }
    }

    /** Returns how many dimensions have to be stepped through, the others of the block lying together in the file. */
    private int outerDimensions() {
        int outer = Math.max(0, size.length - 1);
        while (outer > 0 && size[outer] == stored[outer]) {
            outer--;
        }
        while (outer > 0 && size[outer - 1] == 1) {
            outer--;
        }
        return outer;
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
            if (step[i] < size[i]) {
                return;
            }
            step[i] = 0;
        }
    }
}
