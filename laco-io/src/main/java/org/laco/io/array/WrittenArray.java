package org.laco.io.array;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.nio.channels.WritableByteChannel;
import org.laco.io.safetensors.Dtype;
import org.laco.io.safetensors.WritableTensor;
import org.laco.tensor.ArrayLayout;
import org.laco.tensor.ArrayTensor;
import org.laco.tensor.StoredTypes;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * An array that is to be written. One that isn't dense in 'c' order is copied while it is written, and no longer.
 *
 * @param name the tensor's name
 * @param dtype the type of the array's elements
 * @param array the values, in any order of elements
 */
record WrittenArray(String name, Dtype dtype, INDArray array) implements WritableTensor {
    static WrittenArray of(String name, INDArray array) {
        requireNonNull(name, "a tensor's name");
        requireNonNull(array, () -> "the array '" + name + "'");
        if (array.wasClosed()) {
            throw new IllegalArgumentException("the array '" + name + "' was closed");
        }
        return new WrittenArray(name, ElementTypes.require(name, StoredTypes.name(array.dataType())), array);
    }

    @Override
    public long[] shape() {
        return array.shape().clone();
    }

    @Override
    public long byteLength() {
        return array.length() * array.dataType().width();
    }

    @Override
    public void writeTo(WritableByteChannel channel) throws IOException {
        if (array.isEmpty()) {
            return;
        }
        if (ArrayLayout.isWholeBuffer(array)) {
            ArrayTensor.of(name, array).writeTo(channel);
            return;
        }
        try (INDArray dense = array.dup('c')) {
            ArrayTensor.of(name, dense).writeTo(channel);
        }
    }
}
