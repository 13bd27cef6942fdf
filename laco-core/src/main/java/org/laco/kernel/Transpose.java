package org.laco.kernel;

import org.laco.tensor.HostFloats;

/** Copies a matrix in host memory to its transpose, in blocks that stay in a core's cache. */
final class Transpose {
    private static final int BLOCK = 32;

    private Transpose() {}

    /** Copies {@code source [rows, columns]} to {@code destination [columns, rows]}. */
    static void of(HostFloats source, int rows, int columns, HostFloats destination, RowChunks chunks) {
        int stripes = (columns + BLOCK - 1) / BLOCK;
        chunks.each(stripes, stripe -> {
            int from = stripe * BLOCK;
            int width = Math.min(columns, from + BLOCK) - from;
            float[] transposed = chunks.take(width * rows);
            float[] read = chunks.take(width);
            for (int row = 0; row < rows; row++) {
                source.get(row * columns + from, read, width);
                for (int column = 0; column < width; column++) {
                    transposed[column * rows + row] = read[column];
                }
            }
            destination.put(from * rows, transposed, width * rows);
            chunks.give(transposed);
            chunks.give(read);
        });
    }
}
