package org.laco.io.safetensors;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/**
 * A file whose bytes are mapped, and what keeps the reads of them safe.
 *
 * <p>A mapped page that the file no longer has kills the process when native code reads it, and is an {@link InternalError}
 * when Java code does. So before native code gets a part, its pages are touched here. The descriptor is asked for the size
 * and not a channel, which an interrupted reader would close for all others. The mappings go when nobody refers to them
 * any more: a read that is under way while another thread closes the file ends well.
 */
final class OpenedFile implements AutoCloseable {
    private static final int PAGE = 4096;

    private final Path path;
    private final RandomAccessFile file;
    private volatile boolean closed;

    OpenedFile(Path path, RandomAccessFile file) {
        this.path = path;
        this.file = file;
    }

    Path path() {
        return path;
    }

    void requireOpen(String tensor) {
        if (closed) {
            throw new IllegalStateException(path + ": tensor '" + tensor + "' cannot be read, the file was closed");
        }
    }

    /** Brings the pages of a mapped part into memory, or says why that can't be done. */
    void touch(String tensor, ByteBuffer part, long begin) throws SafetensorsException {
        long end = begin + part.remaining();
        try {
            requireSize(tensor, begin, end);
            int sum = 0;
            for (int i = part.position(); i < part.limit(); i += PAGE) {
                sum += part.get(i);
            }
            if (part.hasRemaining()) {
                sum += part.get(part.limit() - 1);
            }
            consume(sum);
            requireSize(tensor, begin, end);
        } catch (InternalError e) {
            throw unreadable(tensor, begin, end, e);
        }
    }

    /** Checks that the file still has the bytes of a tensor. */
    void requireSize(String tensor, long begin, long end) throws SafetensorsException {
        long size;
        try {
            size = file.length();
        } catch (IOException e) {
            requireOpen(tensor);
            throw unreadable(tensor, begin, end, e);
        }
        if (size < end) {
            throw SafetensorsException.in(
                    path,
                    "bytes %d to %d of tensor '%s' cannot be read, the file was cut to %d bytes after it was opened",
                    begin,
                    end,
                    tensor,
                    size);
        }
    }

    SafetensorsException unreadable(String tensor, long begin, long end, Throwable cause) {
        return SafetensorsException.in(
                        path,
                        "bytes %d to %d of tensor '%s' cannot be read, the file changed or its disk failed",
                        begin,
                        end,
                        tensor)
                .causedBy(cause);
    }

    /** Keeps the compiler from dropping the reads whose sum this is. */
    private void consume(int sum) {
        if (sum == Integer.MIN_VALUE && closed) {
            requireOpen("");
        }
    }

    @Override
    public void close() {
        closed = true;
        try {
            file.close();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(path + ": closing failed", e);
        }
    }
}
