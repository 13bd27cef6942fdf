package org.laco.kernel;

import org.laco.tensor.HostFloats;

/** Sums over all rows of a matrix: one for each tile of rows, added in the tiles' order, so that threads don't change the result. */
final class PartialSums {
    private final int rows;
    private final int width;
    private final int tileRows;
    private final RowChunks chunks;
    private final float[][] partials;

    PartialSums(int rows, int width, RowChunks chunks) {
        this.rows = rows;
        this.width = width;
        this.tileRows = Math.max(1, HostScratch.ELEMENTS / width);
        this.chunks = chunks;
        this.partials = new float[(rows + tileRows - 1) / tileRows][];
    }

    /** Adds the rows {@code [from, to)} to a tile's sum, which begins with zeros. */
    interface Body {
        void run(int from, int to, float[] partial);
    }

    void add(Body body) {
        chunks.each(partials.length, tile -> {
            partials[tile] = new float[width];
            body.run(tile * tileRows, Math.min(rows, (tile + 1) * tileRows), partials[tile]);
        });
    }

    void addTo(HostFloats sum) {
        float[] total = new float[width];
        sum.get(0, total, width);
        for (float[] partial : partials) {
            for (int i = 0; i < width; i++) {
                total[i] += partial[i];
            }
        }
        sum.put(0, total, width);
    }
}
