package org.laco.onednn;

import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;

/** Memory in which a product packs its blocks, as large as the largest that asked for it, for use by one thread at a time. */
final class Scratchpad implements AutoCloseable {
    private BytePointer memory = new BytePointer();

    /** Returns memory of at least some size. */
    Pointer atLeast(long bytes) {
        if (memory.capacity() < bytes) {
            memory.close();
            memory = new BytePointer(bytes);
        }
        return memory;
    }

    @Override
    public void close() {
        memory.close();
    }
}
