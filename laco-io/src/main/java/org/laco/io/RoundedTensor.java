package org.laco.io;

import org.laco.tensor.ForwardingTensor;
import org.laco.tensor.StoredTensor;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** A tensor whose values are those that it writes, rounded to its type. */
record RoundedTensor(StoredTensor tensor) implements ForwardingTensor {
    @Override
    public void copyRows(long firstRow, INDArray destination) {
        if (destination.dataType() == dataType()) {
            tensor.copyRows(firstRow, destination);
            return;
        }
        try (INDArray rounded = Nd4j.createUninitialized(dataType(), destination.shape(), 'c')) {
            tensor.copyRows(firstRow, rounded);
            destination.assign(rounded);
        }
    }
}
