package org.laco.io.safetensors;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;

/** Values in memory under a name. */
record NamedTensor(String name, Tensor values) implements WritableTensor {
    @Override
    public Dtype dtype() {
        return values.dtype();
    }

    @Override
    public long[] shape() {
        return values.shape();
    }

    @Override
    public long byteLength() {
        return values.byteLength();
    }

    @Override
    public void writeTo(WritableByteChannel channel) throws IOException {
        ByteBuffer bytes = values.bytes();
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }
}
