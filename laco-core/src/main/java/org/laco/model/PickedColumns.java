package org.laco.model;

import com.google.common.collect.ImmutableList;
import org.laco.tensor.HostFloats;
import org.laco.tensor.RowTiles;
import org.laco.tensor.StoredTensor;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** A matrix of some slices of another one's columns. */
final class PickedColumns extends PickedTensor {
    private final int size;
    private final ImmutableList<Integer> slices;

    PickedColumns(StoredTensor whole, int size, ImmutableList<Integer> slices) {
        super(whole);
        this.size = size;
        this.slices = slices;
    }

    @Override
    public long[] shape() {
        return new long[] {whole().shape()[0], (long) size * slices.size()};
    }

    @Override
    public void copyRows(long firstRow, INDArray destination) {
        RowTiles.check(this, firstRow, destination);
        long[] shape = {destination.length() / shape()[1], whole().shape()[1]};
        try (INDArray rows = Nd4j.createUninitialized(destination.dataType(), shape, 'c')) {
            whole().copyRows(firstRow, rows);
            for (int i = 0; i < slices.size(); i++) {
                long from = (long) slices.get(i) * size;
                HostFloats.columns(destination, (long) i * size, (i + 1L) * size)
                        .assign(HostFloats.columns(rows, from, from + size));
            }
        }
    }
}
