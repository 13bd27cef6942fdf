package org.laco.io;

import java.io.IOException;
import java.nio.channels.WritableByteChannel;
import org.laco.tensor.StoredTensor;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** A tensor whose values are those that it writes, rounded to its type. */
record RoundedTensor(StoredTensor tensor) implements StoredTensor {
    @Override
    public String name() {
        return tensor.name();
    }

    @Override
    public String storedType() {
        return tensor.storedType();
    }

    @Override
    public DataType dataType() {
        return tensor.dataType();
    }

    @Override
    public long[] shape() {
        return tensor.shape();
    }

    @Override
    public long byteLength() {
        return tensor.byteLength();
    }

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

    @Override
    public void writeTo(WritableByteChannel channel) throws IOException {
        tensor.writeTo(channel);
    }
}
