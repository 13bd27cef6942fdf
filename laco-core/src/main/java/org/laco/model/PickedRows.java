package org.laco.model;

import com.google.common.collect.ImmutableList;
import org.laco.tensor.HostFloats;
import org.laco.tensor.RowTiles;
import org.laco.tensor.StoredTensor;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A matrix of some slices of another one's rows. */
final class PickedRows extends PickedTensor {
    private final int size;
    private final ImmutableList<Integer> slices;

    PickedRows(StoredTensor whole, int size, ImmutableList<Integer> slices) {
        super(whole);
        this.size = size;
        this.slices = slices;
    }

    @Override
    public long[] shape() {
        return new long[] {(long) size * slices.size(), whole().shape()[1]};
    }

    @Override
    public void copyRows(long firstRow, INDArray destination) {
        RowTiles.check(this, firstRow, destination);
        long rows = destination.length() / shape()[1];
        for (long row = 0; row < rows; ) {
            int slice = Math.toIntExact((firstRow + row) / size);
            int within = Math.toIntExact((firstRow + row) % size);
            long count = Math.min(rows - row, size - within);
            whole().copyRows((long) slices.get(slice) * size + within, HostFloats.rows(destination, row, row + count));
            row += count;
        }
    }
}
