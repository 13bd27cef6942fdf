package org.laco.io.safetensors;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A new file that counts what is written to it, and whose content is forced to disk and perhaps hashed meanwhile. */
final class CheckedOutput implements WritableByteChannel {
    /** Bytes handed to the system at once: few enough to be in the processor's cache still when they are hashed. */
    private static final int BLOCK = 1 << 18;

    private final Path path;
    private final FileChannel channel;
    private final WriteFollower follower;
    private long bytes;

    private CheckedOutput(Path path, FileChannel channel, boolean hashing) {
        this.path = path;
        this.channel = channel;
        this.follower = WriteFollower.of(path, hashing);
    }

    static CheckedOutput create(Path path, boolean hashing) throws IOException {
        try {
            return new CheckedOutput(
                    path, FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), hashing);
        } catch (FileAlreadyExistsException e) {
            throw SafetensorsException.in(path, "the file exists and is not overwritten")
                    .causedBy(e);
        }
    }

    Path path() {
        return path;
    }

    long bytes() {
        return bytes;
    }

    /** Forces the file to disk and tells what it holds. */
    WrittenFile finish() throws IOException {
        channel.force(true);
        return new WrittenFile(path.getFileName().toString(), bytes, follower.finish());
    }

    /** Writes all that remains, whatever its length. */
    @Override
    public int write(ByteBuffer source) throws IOException {
        int end = source.limit();
        int count = source.remaining();
        try {
            while (source.position() < end) {
                source.limit(Math.min(end, source.position() + BLOCK));
                bytes += channel.write(source);
                follower.advanceTo(bytes);
            }
        } finally {
            source.limit(end);
        }
        return count;
    }

    @Override
    public boolean isOpen() {
        return channel.isOpen();
    }

    @Override
    public void close() throws IOException {
        try (channel) {
            follower.close();
        }
    }
}
