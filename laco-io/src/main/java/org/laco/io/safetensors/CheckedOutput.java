package org.laco.io.safetensors;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A new file that counts what is written to it, and hashes it meanwhile. */
final class CheckedOutput implements WritableByteChannel {
    private final Path path;
    private final FileChannel channel;
    private final FollowingHash hash;
    private long bytes;

    private CheckedOutput(Path path, FileChannel channel) {
        this.path = path;
        this.channel = channel;
        this.hash = FollowingHash.of(path);
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
        return new WrittenFile(path.getFileName().toString(), bytes, hash.finish());
    }

    /** Writes all that remains, whatever its length. */
    @Override
    public int write(ByteBuffer source) throws IOException {
        int count = source.remaining();
        while (source.hasRemaining()) {
            channel.write(source);
        }
        bytes += count;
        hash.advanceTo(bytes);
        return count;
    }

    @Override
    public boolean isOpen() {
        return channel.isOpen();
    }

    @Override
    public void close() throws IOException {
        try (channel) {
            hash.close();
        }
    }
}
