package org.laco.io.safetensors;

import com.google.common.collect.ImmutableMap;
import com.google.common.primitives.UnsignedBytes;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * Reads and writes whole safetensors files in one call.
 *
 * <pre>{@code
 * Safetensors.write(
 *         Map.of("weight", Tensor.of(new float[] {1, 2, 3, 4}, 2, 2), "steps", Tensor.of(new long[] {1000})),
 *         Path.of("state.safetensors"));
 * LoadedTensors state = Safetensors.read(Path.of("state.safetensors"));
 * System.out.println(state.tensor("steps").toLongs()[0]);
 * }</pre>
 *
 * <p>Tensors are read in the stored type, bit for bit. {@link SafetensorsFile} reads single tensors, or parts of them, from a file of any
 * size; {@link WritableTensor}s that aren't in memory are streamed.
 *
 * <p>The format fixes neither the order of tensors nor that of the header's entries. What is written here has the order of the
 * reference implementation: wider types first, so that all elements are aligned, and names in the order of their UTF-8 bytes within
 * a type. Equal tensors and metadata give equal bytes. {@link SafetensorsWriter} keeps the order it is given.
 */
public final class Safetensors {
    /** What messages about bytes in memory begin with, in place of a file's name. */
    private static final Path IN_MEMORY = Path.of("safetensors bytes");

    private static final int LARGEST_ARRAY = Integer.MAX_VALUE - 8;

    private static final Comparator<WritableTensor> ORDER = Comparator.comparing(
                    WritableTensor::dtype, Comparator.reverseOrder())
            .thenComparing(
                    tensor -> tensor.name().getBytes(StandardCharsets.UTF_8),
                    UnsignedBytes.lexicographicalComparator());

    private Safetensors() {}

    /**
     * Reads all tensors of a file into direct buffers, in their stored type.
     *
     * @param file the file
     * @return the tensors and the metadata
     * @throws SafetensorsException if it isn't a valid safetensors file
     * @throws IOException if it can't be read
     * @throws IllegalArgumentException if a tensor takes 2 GiB or more, which only {@link SafetensorsFile} reads
     */
    public static LoadedTensors read(Path file) throws IOException {
        try (SafetensorsFile opened = SafetensorsFile.open(file)) {
            return new LoadedTensors(
                    file.toString(),
                    opened.tensors().stream()
                            .collect(ImmutableMap.toImmutableMap(MappedTensor::name, MappedTensor::load)),
                    opened.metadata());
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    /**
     * Finds all tensors in the bytes of a file.
     *
     * @param bytes the whole file, which the tensors view
     * @return the tensors and the metadata
     * @throws SafetensorsException if these are no valid safetensors bytes
     */
    public static LoadedTensors read(byte[] bytes) throws SafetensorsException {
        SafetensorsHeader header = HeaderReader.read(IN_MEMORY, bytes);
        ImmutableMap.Builder<String, Tensor> tensors = ImmutableMap.builder();
        for (TensorEntry entry : header.tensors()) {
            int begin = Math.toIntExact(header.dataStart() + entry.begin());
            tensors.put(
                    entry.name(), Tensor.of(entry.dtype(), entry.shape().toArray(), ByteBuffer.wrap(bytes, begin, (int)
                            entry.byteLength())));
        }
        return new LoadedTensors(IN_MEMORY.toString(), tensors.buildOrThrow(), header.metadata());
    }

    /**
     * Writes tensors into a new file, without metadata.
     *
     * @param tensors the tensors by name
     * @param file the file, which must not exist, in an existing directory
     * @throws SafetensorsException if the file exists, or can't be written
     * @throws IOException if writing fails
     * @throws IllegalArgumentException as by {@link #write(Collection, Map, Path)}
     */
    public static void write(Map<String, Tensor> tensors, Path file) throws IOException {
        write(tensors, ImmutableMap.of(), file);
    }

    /**
     * Writes tensors into a new file, as {@link #write(Collection, Map, Path)} does.
     *
     * @param tensors the tensors by name
     * @param metadata the free text of the header, {@code format=pt} in files that PyTorch's users expect
     * @param file the file, which must not exist, in an existing directory
     * @throws SafetensorsException if the file exists, or can't be written
     * @throws IOException if writing fails
     * @throws IllegalArgumentException as by {@link #write(Collection, Map, Path)}
     */
    public static void write(Map<String, Tensor> tensors, Map<String, String> metadata, Path file) throws IOException {
        write(named(tensors), metadata, file);
    }

    /**
     * Writes tensors into a new file, which appears under its name once it is complete and on the disk.
     *
     * <p>It is written under another name beside its place. Only a process that is killed leaves that, as
     * {@code .NAME.ID.tmp}. Tensors are streamed, one after the other.
     *
     * @param tensors the tensors, in any order
     * @param metadata the free text of the header, {@code format=pt} in files that PyTorch's users expect
     * @param file the file, which must not exist, in an existing directory
     * @throws SafetensorsException if the file exists, or can't be written
     * @throws IOException if reading or writing fails
     * @throws IllegalArgumentException if two tensors share a name, if a name is one that the format keeps for itself, or if a tensor gives
     *     its size wrongly
     */
    public static void write(Collection<? extends WritableTensor> tensors, Map<String, String> metadata, Path file)
            throws IOException {
        write(tensors, metadata, NewFile.at(file));
    }

    /**
     * Writes tensors into a file, as {@link #replace(Collection, Map, Path)} does.
     *
     * @param tensors the tensors by name
     * @param metadata the free text of the header
     * @param file the file, in an existing directory; a link is replaced itself
     * @throws SafetensorsException if the file can't be written
     * @throws IOException if writing fails
     * @throws IllegalArgumentException as by {@link #write(Collection, Map, Path)}
     */
    public static void replace(Map<String, Tensor> tensors, Map<String, String> metadata, Path file)
            throws IOException {
        replace(named(tensors), metadata, file);
    }

    /**
     * Writes tensors as {@link #write(Collection, Map, Path)} does, and replaces a file that has the name. Until it is replaced, in one step,
     * the old file is whole, and tensors of it may be among those that are written.
     *
     * @param tensors the tensors, in any order
     * @param metadata the free text of the header
     * @param file the file, in an existing directory; a link is replaced itself
     * @throws SafetensorsException if the file can't be written
     * @throws IOException if reading or writing fails
     * @throws IllegalArgumentException as by {@link #write(Collection, Map, Path)}
     */
    public static void replace(Collection<? extends WritableTensor> tensors, Map<String, String> metadata, Path file)
            throws IOException {
        write(tensors, metadata, NewFile.replacing(file));
    }

    private static void write(Collection<? extends WritableTensor> tensors, Map<String, String> metadata, NewFile file)
            throws IOException {
        List<WritableTensor> ordered = ordered(tensors);
        file.write(temporary -> SafetensorsWriter.writeFile(temporary, ordered, metadata));
    }

    /**
     * Writes tensors to a stream, as a file would have them.
     *
     * @param tensors the tensors by name
     * @param metadata the free text of the header
     * @param out where to write; it is flushed, not closed
     * @throws IOException if writing fails
     * @throws IllegalArgumentException as by {@link #write(Collection, Map, Path)}
     */
    public static void write(Map<String, Tensor> tensors, Map<String, String> metadata, OutputStream out)
            throws IOException {
        write(named(tensors), metadata, out);
    }

    /**
     * Writes tensors to a stream, as a file would have them.
     *
     * @param tensors the tensors, in any order
     * @param metadata the free text of the header
     * @param out where to write; it is flushed, not closed
     * @throws IOException if reading or writing fails
     * @throws IllegalArgumentException as by {@link #write(Collection, Map, Path)}
     */
    public static void write(
            Collection<? extends WritableTensor> tensors, Map<String, String> metadata, OutputStream out)
            throws IOException {
        shard(tensors, metadata).writeTo(Channels.newChannel(out));
        out.flush();
    }

    /**
     * Writes tensors into bytes, as a file would have them.
     *
     * @param tensors the tensors by name
     * @param metadata the free text of the header
     * @return the bytes
     * @throws IllegalArgumentException as by {@link #write(Collection, Map, Path)}, or if this takes more bytes than a Java array has
     */
    public static byte[] toBytes(Map<String, Tensor> tensors, Map<String, String> metadata) {
        try {
            return toBytes(named(tensors), metadata);
        } catch (IOException e) {
            throw new AssertionError("memory can always be read", e);
        }
    }

    /**
     * Writes tensors into bytes, as a file would have them.
     *
     * @param tensors the tensors, in any order
     * @param metadata the free text of the header
     * @return the bytes
     * @throws IOException if reading the tensors fails
     * @throws IllegalArgumentException as by {@link #write(Collection, Map, Path)}, or if this takes more bytes than a Java array has
     */
    public static byte[] toBytes(Collection<? extends WritableTensor> tensors, Map<String, String> metadata)
            throws IOException {
        Shard shard = shard(tensors, metadata);
        if (shard.totalBytes() > LARGEST_ARRAY) {
            throw new IllegalArgumentException("the tensors take " + shard.totalBytes() + " bytes, expected at most "
                    + LARGEST_ARRAY + " for an array of bytes; write them to a file or a stream");
        }
        ByteBuffer bytes = ByteBuffer.allocate((int) shard.totalBytes());
        try (WritableByteChannel channel = new BufferChannel(bytes)) {
            shard.writeTo(channel);
        }
        return bytes.array();
    }

    private static Shard shard(Collection<? extends WritableTensor> tensors, Map<String, String> metadata) {
        return ShardLayout.single(IN_MEMORY.toString(), ordered(tensors), metadata);
    }

    private static List<WritableTensor> named(Map<String, Tensor> tensors) {
        return tensors.entrySet().stream()
                .map(entry -> entry.getValue().named(entry.getKey()))
                .toList();
    }

    private static List<WritableTensor> ordered(Collection<? extends WritableTensor> tensors) {
        return tensors.stream()
                .<WritableTensor>map(tensor -> tensor)
                .sorted(ORDER)
                .toList();
    }
}
