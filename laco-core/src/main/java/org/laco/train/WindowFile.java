package org.laco.train;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.laco.base.Cancellation;
import org.laco.tensor.HostFloats;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Rows of float32 values of each window, kept on disk, since they are read once a step and are more than memory may hold. */
final class WindowFile implements AutoCloseable {
    private static final int BLOCK_ROWS = 64;

    private final Path path;
    private final int width;
    private final FileChannel channel;
    private final Map<Integer, Long> starts = new ConcurrentHashMap<>();
    private long end;

    private WindowFile(Path path, int width, FileChannel channel) {
        this.path = path;
        this.width = width;
        this.channel = channel;
    }

    /** Creates a file that is removed when it is closed. */
    static WindowFile create(Path path, int width) throws IOException {
        return new WindowFile(
                path,
                width,
                FileChannel.open(
                        path, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE));
    }

    int width() {
        return width;
    }

    /** Writes a window's rows, which are some of a matrix's. */
    void write(int window, INDArray matrix, int from, int rows) {
        HostFloats values = HostFloats.of(matrix);
        float[] block = new float[BLOCK_ROWS * width];
        ByteBuffer bytes = ByteBuffer.allocateDirect(block.length * Float.BYTES).order(ByteOrder.nativeOrder());
        starts.put(window, end);
        for (int row = 0; row < rows; row += BLOCK_ROWS) {
            int count = Math.min(BLOCK_ROWS, rows - row) * width;
            values.get((from + row) * width, block, count);
            bytes.clear();
            bytes.asFloatBuffer().put(block, 0, count);
            bytes.limit(count * Float.BYTES);
            writeFully(bytes);
        }
    }

    private void writeFully(ByteBuffer bytes) {
        try {
            while (bytes.hasRemaining()) {
                end += channel.write(bytes, end);
            }
        } catch (IOException e) {
            throw failure("written", e);
        }
    }

    /** An interrupt closes the channel: then the training was cancelled, and nothing is wrong with the file. */
    private RuntimeException failure(String what, IOException e) {
        return e instanceof ClosedByInterruptException
                ? Cancellation.of(e)
                : new UncheckedIOException(path + " can't be " + what + ": " + e.getMessage(), e);
    }

    /** Reads a window's rows into some of a matrix's. */
    void read(int window, INDArray matrix, int to, int rows) {
        HostFloats values = HostFloats.of(matrix);
        float[] block = new float[BLOCK_ROWS * width];
        ByteBuffer bytes = ByteBuffer.allocateDirect(block.length * Float.BYTES).order(ByteOrder.nativeOrder());
        long at = starts.get(window);
        for (int row = 0; row < rows; row += BLOCK_ROWS) {
            int count = Math.min(BLOCK_ROWS, rows - row) * width;
            bytes.clear().limit(count * Float.BYTES);
            at = readFully(bytes, at);
            bytes.flip().asFloatBuffer().get(block, 0, count);
            values.put((to + row) * width, block, count);
        }
    }

    private long readFully(ByteBuffer bytes, long from) {
        long at = from;
        try {
            while (bytes.hasRemaining()) {
                int read = channel.read(bytes, at);
                if (read < 0) {
                    throw new IOException("it ends at byte " + at);
                }
                at += read;
            }
            return at;
        } catch (IOException e) {
            throw failure("read", e);
        }
    }

    @Override
    public void close() {
        try (channel) {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            throw new UncheckedIOException(path + " can't be removed: " + e.getMessage(), e);
        }
    }
}
