package org.laco.model;

import java.io.IOException;
import java.nio.channels.WritableByteChannel;
import org.laco.tensor.ArrayTensor;
import org.laco.tensor.StoredTensor;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** A matrix made of slices of another one. */
abstract class PickedTensor implements StoredTensor {
    /** Elements that are written at once. */
    private static final long WRITTEN = 1 << 20;

    private final StoredTensor whole;

    PickedTensor(StoredTensor whole) {
        this.whole = whole;
    }

    final StoredTensor whole() {
        return whole;
    }

    @Override
    public final String name() {
        return whole.name();
    }

    @Override
    public final String storedType() {
        return whole.storedType();
    }

    @Override
    public final DataType dataType() {
        return whole.dataType();
    }

    @Override
    public final long byteLength() {
        return length() * dataType().width();
    }

    @Override
    public final void writeTo(WritableByteChannel channel) throws IOException {
        long[] shape = shape();
        long most = Math.max(1, WRITTEN / Math.max(1, shape[1]));
        for (long row = 0; row < shape[0]; row += most) {
            try (INDArray part =
                    Nd4j.createUninitialized(dataType(), new long[] {Math.min(most, shape[0] - row), shape[1]}, 'c')) {
                copyRows(row, part);
                ArrayTensor.of(name(), part).writeTo(channel);
            }
        }
    }
}
