package org.laco.io.safetensors;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import org.laco.tensor.StoredTensor;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A tensor of given bytes, which may announce another size than it writes. */
record InMemoryTensor(String name, String storedType, long[] shape, long byteLength, byte[] bytes)
        implements StoredTensor {
    static InMemoryTensor of(String name, Dtype dtype, byte[] bytes, long... shape) {
        return new InMemoryTensor(name, dtype.name(), shape, bytes.length, bytes);
    }

    @Override
    public DataType dataType() {
        return Dtype.of(storedType).map(Dtype::dataType).orElse(DataType.UNKNOWN);
    }

    @Override
    public void copyRows(long firstRow, INDArray destination) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void writeTo(WritableByteChannel channel) throws IOException {
        channel.write(ByteBuffer.wrap(bytes));
    }
}
