package org.laco.io.array;

import java.nio.ByteBuffer;
import org.bytedeco.javacpp.BytePointer;
import org.laco.io.safetensors.PartReader;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Puts the stored parts of a block, as they come, into a dense array. What comes in one piece is converted where it lies; short parts, such
 * as some columns of each row, are gathered and converted together, in as few calls as possible.
 */
final class BlockCopy implements PartReader<RuntimeException>, AutoCloseable {
    private final ElementCopy elements;
    private final int width;
    private final INDArray destination;
    private final long bytes;
    private BytePointer aligned;
    private ByteBuffer gathered;
    private long gatheredFrom;

    BlockCopy(DataType stored, INDArray destination) {
        this.elements = new ElementCopy(stored);
        this.width = stored.width();
        this.destination = destination;
        this.bytes = destination.length() * width;
    }

    /** Takes all parts of a block, in order. */
    interface Parts {
        void forEach(PartReader<RuntimeException> reader);
    }

    /** Fills an array that isn't empty. */
    static void fill(DataType stored, INDArray destination, Parts parts) {
        try (BlockCopy copy = new BlockCopy(stored, destination)) {
            parts.forEach(copy);
            copy.flush();
        }
    }

    @Override
    public void read(ByteBuffer part, long at) {
        if (part.remaining() >= ElementCopy.ALIGNED_COPY || part.remaining() == bytes) {
            flush();
            elements.assign(part, destination, at / width);
        } else {
            gather(part, at);
        }
    }

    private void gather(ByteBuffer part, long at) {
        if (aligned == null) {
            aligned = new BytePointer(Math.min(bytes, ElementCopy.ALIGNED_COPY));
            gathered = aligned.asByteBuffer();
        }
        if (gathered.position() == 0) {
            gatheredFrom = at;
        }
        while (part.hasRemaining()) {
            int count = Math.min(part.remaining(), gathered.remaining());
            gathered.put(part.slice(part.position(), count));
            part.position(part.position() + count);
            if (!gathered.hasRemaining()) {
                flush();
            }
        }
    }

    private void flush() {
        if (gathered != null && gathered.position() > 0) {
            elements.assign(aligned, gathered.position(), destination, gatheredFrom / width);
            gatheredFrom += gathered.position();
            gathered.clear();
        }
    }

    @Override
    public void close() {
        if (aligned != null) {
            aligned.close();
        }
    }
}
