package org.laco.io.safetensors;

import java.io.IOException;
import java.nio.channels.WritableByteChannel;

/**
 * A tensor that can be written, wherever its values are: in memory, in another file, or computed while they are written.
 *
 * <p>{@link MappedTensor} is one, so that tensors go from file to file without being held in memory, and {@link Tensor#named} makes one of
 * values in memory.
 */
public interface WritableTensor {
    /**
     * Returns the full name.
     *
     * @return a name that isn't empty
     */
    String name();

    /**
     * Returns the type of the elements.
     *
     * @return the type
     */
    Dtype dtype();

    /**
     * Returns the shape.
     *
     * @return a new array, of length 0 for a scalar
     */
    long[] shape();

    /**
     * Returns the size of the elements.
     *
     * @return the size in bytes, which follows from type and shape
     */
    long byteLength();

    /**
     * Writes the elements, row-major and little-endian.
     *
     * @param channel where to write; a blocking channel
     * @throws IOException if writing fails
     */
    void writeTo(WritableByteChannel channel) throws IOException;
}
