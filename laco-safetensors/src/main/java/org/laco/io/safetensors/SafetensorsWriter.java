package org.laco.io.safetensors;

import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;

/**
 * Writes tensors into safetensors files, one after the other, without holding any in memory.
 *
 * <pre>{@code
 * ShardLayout layout = ShardLayout.of(tensors, 5_000_000_000L, ShardLayout.DEFAULT_METADATA);
 * if (Files.getFileStore(directory).getUsableSpace() > layout.totalBytes()) {
 *     SafetensorsWriter.write(layout, directory);
 * }
 * }</pre>
 */
public final class SafetensorsWriter {
    private SafetensorsWriter() {}

    /**
     * Writes the files of a layout, hashes them and forces them to disk.
     *
     * <p>If anything fails, the files that were begun are deleted.
     *
     * @param layout what to write
     * @param directory an existing directory
     * @return the files in the order of {@link ShardLayout#fileNames}
     * @throws SafetensorsException if a file exists already, or if a tensor doesn't write as many bytes as it announced
     * @throws IOException if reading or writing fails
     */
    public static ImmutableList<WrittenFile> write(ShardLayout layout, Path directory) throws IOException {
        return write(layout, directory, true);
    }

    /**
     * Writes the files of a layout as {@link #write(ShardLayout, Path)} does, and hashes them if that is wanted.
     *
     * @param layout what to write
     * @param directory an existing directory
     * @param hashing whether the SHA-256 of each file is computed, which takes a thread some half a second a gigabyte
     * @return the files in the order of {@link ShardLayout#fileNames}
     * @throws SafetensorsException if a file exists already, or if a tensor doesn't write as many bytes as it announced
     * @throws IOException if reading or writing fails
     */
    public static ImmutableList<WrittenFile> write(ShardLayout layout, Path directory, boolean hashing)
            throws IOException {
        return write(layout, directory, hashing, bytes -> {});
    }

    /**
     * Writes the files of a layout as {@link #write(ShardLayout, Path, boolean)} does, and tells how far that is.
     *
     * <pre>{@code
     * double all = layout.tensorBytes();
     * SafetensorsWriter.write(layout, directory, true, bytes -> System.out.printf("%.0f %%%n", 100 * bytes / all));
     * }</pre>
     *
     * @param layout what to write
     * @param directory an existing directory
     * @param hashing whether the SHA-256 of each file is computed, which takes a thread some half a second a gigabyte
     * @param progress receives, after each tensor, how many of the {@link ShardLayout#tensorBytes} are written
     * @return the files in the order of {@link ShardLayout#fileNames}
     * @throws SafetensorsException if a file exists already, or if a tensor doesn't write as many bytes as it announced
     * @throws IOException if reading or writing fails
     */
    public static ImmutableList<WrittenFile> write(
            ShardLayout layout, Path directory, boolean hashing, LongConsumer progress) throws IOException {
        List<Path> begun = new ArrayList<>();
        try {
            ImmutableList.Builder<WrittenFile> written = ImmutableList.builder();
            long before = 0;
            for (Shard shard : layout.shards()) {
                long bytesBefore = before;
                try (CheckedOutput output = create(directory.resolve(shard.fileName()), hashing, begun)) {
                    write(shard, output, bytes -> progress.accept(bytesBefore + bytes));
                    written.add(output.finish());
                }
                before += shard.dataBytes();
            }
            if (layout.index().length > 0) {
                try (CheckedOutput output = create(directory.resolve(ShardIndex.FILE_NAME), hashing, begun)) {
                    writeFully(ByteBuffer.wrap(layout.index()), output);
                    written.add(output.finish());
                }
            }
            return written.build();
        } catch (Throwable e) {
            delete(begun, e);
            throw e;
        }
    }

    /**
     * Writes tensors into one file of any name, and forces it to disk.
     *
     * <p>If anything fails, the file is deleted.
     *
     * @param file the file, which must not exist, in an existing directory
     * @param tensors the tensors in the order in which they will be written
     * @param metadata the free text of the file's header
     * @throws SafetensorsException if the file exists already, or if a tensor doesn't write as many bytes as it announced
     * @throws IOException if reading or writing fails
     * @throws IllegalArgumentException if two tensors share a name, or if the format can't hold one of them
     */
    public static void writeFile(Path file, List<? extends WritableTensor> tensors, Map<String, String> metadata)
            throws IOException {
        Shard shard = ShardLayout.single(file.getFileName().toString(), tensors, metadata);
        List<Path> begun = new ArrayList<>();
        try (CheckedOutput output = create(file, false, begun)) {
            write(shard, output, bytes -> {});
            output.finish();
        } catch (Throwable e) {
            delete(begun, e);
            throw e;
        }
    }

    private static void write(Shard shard, CheckedOutput output, LongConsumer progress) throws IOException {
        writeFully(ByteBuffer.wrap(shard.start()), output);
        long start = output.bytes();
        for (WritableTensor tensor : shard.tensors()) {
            long before = output.bytes();
            tensor.writeTo(output);
            long count = output.bytes() - before;
            if (count != tensor.byteLength()) {
                throw SafetensorsException.in(
                        output.path(),
                        "tensor '%s' wrote %d bytes, expected %d",
                        tensor.name(),
                        count,
                        tensor.byteLength());
            }
            progress.accept(output.bytes() - start);
        }
    }

    private static CheckedOutput create(Path path, boolean hashing, List<Path> begun) throws IOException {
        CheckedOutput output = CheckedOutput.create(path, hashing);
        begun.add(path);
        return output;
    }

    private static void writeFully(ByteBuffer bytes, CheckedOutput output) throws IOException {
        while (bytes.hasRemaining()) {
            output.write(bytes);
        }
    }

    private static void delete(List<Path> files, Throwable reason) {
        for (Path file : files) {
            try {
                Files.deleteIfExists(file);
            } catch (IOException e) {
                reason.addSuppressed(e);
            }
        }
    }
}
