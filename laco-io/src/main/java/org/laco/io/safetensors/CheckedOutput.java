package org.laco.io.safetensors;

import com.google.common.base.Throwables;
import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * A new file that counts and hashes what is written to it, so that it need not be read again.
 *
 * <p>Bytes are hashed by another thread while they are written, since either takes about as long.
 */
final class CheckedOutput implements WritableByteChannel {
    /** Bytes that are not worth another thread. */
    private static final int SMALL = 1 << 20;

    private final Path path;
    private final FileChannel channel;
    private final Hasher hasher = Hashing.sha256().newHasher();
    private long bytes;

    private CheckedOutput(Path path, FileChannel channel) {
        this.path = path;
        this.channel = channel;
    }

    static CheckedOutput create(Path path) throws IOException {
        try {
            return new CheckedOutput(
                    path, FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE));
        } catch (FileAlreadyExistsException e) {
            throw SafetensorsException.in(path, "the file exists and is not overwritten")
                    .causedBy(e);
        }
    }

    long bytes() {
        return bytes;
    }

    /** Forces the file to disk and tells what it holds. */
    WrittenFile finish() throws IOException {
        channel.force(true);
        return new WrittenFile(
                path.getFileName().toString(), bytes, hasher.hash().toString());
    }

    /** Writes all that remains, whatever its length. */
    @Override
    public int write(ByteBuffer source) throws IOException {
        int count = source.remaining();
        ByteBuffer hashed = source.duplicate();
        if (count <= SMALL) {
            hasher.putBytes(hashed);
            writeFully(source);
        } else {
            CompletableFuture<Void> hashing = CompletableFuture.runAsync(() -> hasher.putBytes(hashed));
            try {
                writeFully(source);
            } finally {
                join(hashing);
            }
        }
        bytes += count;
        return count;
    }

    private static void join(CompletableFuture<Void> hashing) {
        try {
            hashing.join();
        } catch (CompletionException e) {
            // As when a mapped page is gone, which whoever mapped it knows how to tell.
            Throwables.throwIfUnchecked(e.getCause());
            throw e;
        }
    }

    private void writeFully(ByteBuffer source) throws IOException {
        while (source.hasRemaining()) {
            channel.write(source);
        }
    }

    @Override
    public boolean isOpen() {
        return channel.isOpen();
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
