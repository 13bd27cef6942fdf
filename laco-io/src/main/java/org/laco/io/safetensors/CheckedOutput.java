package org.laco.io.safetensors;

import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A new file that counts and hashes what is written to it, so that it need not be read again. */
final class CheckedOutput implements WritableByteChannel {
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

    @Override
    public int write(ByteBuffer source) throws IOException {
        ByteBuffer written = source.duplicate();
        int count = channel.write(source);
        written.limit(written.position() + count);
        hasher.putBytes(written);
        bytes += count;
        return count;
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
