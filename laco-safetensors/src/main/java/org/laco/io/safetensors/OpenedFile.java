package org.laco.io.safetensors;

import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Path;

/**
 * A file whose bytes are mapped, and what keeps the reads of them safe.
 *
 * <p>Native code that reads a mapped page beyond the file's end kills the process, and Java code gets an
 * {@link InternalError} at some later moment, so the size is asked for before and after each block. The descriptor is asked,
 * and not a channel, which an interrupted reader would close for all others. The mappings go when nobody refers to them any
 * more: a read that is under way while another thread closes the file ends well.
 */
final class OpenedFile implements AutoCloseable {
    private static final int BLOCK = 1 << 16;

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

    /** Checks that the file is open, and that it still has a part of a tensor. */
    void check(String tensor, long begin, long end) throws SafetensorsException {
        long size;
        try {
            requireOpen(tensor);
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

    /** Hashes the whole file by its descriptor, which is the file's that was opened. */
    synchronized String sha256() throws IOException {
        Hasher hasher = Hashing.sha256().newHasher();
        byte[] block = new byte[BLOCK];
        file.seek(0);
        for (int count = file.read(block); count >= 0; count = file.read(block)) {
            hasher.putBytes(block, 0, count);
        }
        return hasher.hash().toString();
    }

    void requireOpen(String tensor) {
        if (closed) {
            throw new IllegalStateException(path + ": tensor '" + tensor + "' cannot be read, the file was closed");
        }
    }

    SafetensorsException unreadable(String tensor, long begin, long end, Throwable cause) {
        return SafetensorsException.in(path, "bytes %d to %d of tensor '%s' cannot be read", begin, end, tensor)
                .causedBy(cause);
    }

    @Override
    public void close() {
        closed = true;
        try {
            file.close();
        } catch (IOException e) {
            throw new UncheckedIOException(path + ": closing failed", e);
        }
    }
}
