package org.laco.io.safetensors;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.nio.channels.WritableByteChannel;
import org.laco.tensor.ArrayTensor;
import org.laco.tensor.StoredTensor;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * An array that is to be written. One that isn't dense in 'c' order is copied while it is written, and no longer.
 *
 * @param name the tensor's name
 * @param array the values, in any order of elements
 */
record WrittenArray(String name, INDArray array) implements StoredTensor {
    static WrittenArray of(String name, INDArray array) {
        requireNonNull(name, "a tensor's name");
        requireNonNull(array, () -> "the array '" + name + "'");
        if (array.wasClosed()) {
            throw new IllegalArgumentException("the array '" + name + "' was closed");
        }
        return new WrittenArray(name, array);
    }

    @Override
    public String storedType() {
        return Dtype.of(dataType()).map(Dtype::name).orElse(dataType().name());
    }

    @Override
    public DataType dataType() {
        return array.dataType();
    }

    @Override
    public long[] shape() {
        return array.shape().clone();
    }

    @Override
    public long byteLength() {
        return array.length() * dataType().width();
    }

    @Override
    public void copyRows(long firstRow, INDArray destination) {
        ArrayTensor.of(name, array).copyRows(firstRow, destination);
    }

    @Override
    public void writeTo(WritableByteChannel channel) throws IOException {
        if (array.isEmpty()) {
            return;
        }
        if (!array.isView() && array.ordering() == 'c' && MappedTensor.isDense(array)) {
            ArrayTensor.of(name, array).writeTo(channel);
            return;
        }
        try (INDArray dense = array.dup('c')) {
            ArrayTensor.of(name, dense).writeTo(channel);
        }
    }
}
