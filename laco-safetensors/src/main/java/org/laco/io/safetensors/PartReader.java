package org.laco.io.safetensors;

import java.nio.ByteBuffer;

/**
 * Looks at stored bytes where they lie.
 *
 * @param <E> what it may throw
 */
@FunctionalInterface
public interface PartReader<E extends Exception> {
    /**
     * Looks at one part.
     *
     * @param part a read-only, little-endian, direct buffer of the bytes; not aligned to the element size where the file isn't
     * @param at how many bytes came before it
     * @throws E if the reader fails
     */
    void read(ByteBuffer part, long at) throws E;
}
