package org.laco.io.safetensors;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;

/** A tensor of given bytes, which may announce another size than it writes. */
record InMemoryTensor(String name, Dtype dtype, long[] shape, long byteLength, byte[] bytes) implements WritableTensor {
    static InMemoryTensor of(String name, Dtype dtype, byte[] bytes, long... shape) {
        return new InMemoryTensor(name, dtype, shape, bytes.length, bytes);
    }

    @Override
    public void writeTo(WritableByteChannel channel) throws IOException {
        channel.write(ByteBuffer.wrap(bytes));
    }
}
