package org.laco.io.safetensors;

import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;

/** Writes into a buffer of the right size. */
record BufferChannel(ByteBuffer buffer) implements WritableByteChannel {
    @Override
    public int write(ByteBuffer source) {
        int count = source.remaining();
        buffer.put(source);
        return count;
    }

    @Override
    public boolean isOpen() {
        return true;
    }

    @Override
    public void close() {
        // There is nothing to release.
    }
}
