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
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.laco.tensor.StoredTensor;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Reads and writes whole safetensors files in one call.
 *
 * <pre>{@code
 * Safetensors.write(Map.of("weight", Nd4j.rand(4, 3), "steps", Nd4j.scalar(1000L)), Path.of("state.safetensors"));
 * try (NamedArrays state = Safetensors.read(Path.of("state.safetensors"))) {
 *     System.out.println(state.array("weight").shapeInfoToString());
 * }
 * }</pre>
 *
 * <p>Arrays are written in their own type and read in the stored one, bit for bit. {@link SafetensorsFile} reads single tensors, or
 * parts of them, from a file of any size; {@link SafetensorsWriter} writes tensors that aren't in memory.
 *
 * <p>The format fixes neither the order of tensors nor that of the header's entries. What is written here has the order of the
 * reference implementation: wider types first, so that all elements are aligned, and names in the order of their UTF-8 bytes within
 * a type. Equal arrays and metadata give equal bytes.
 */
public final class Safetensors {
    /** What messages about bytes in memory begin with, in place of a file's name. */
    private static final Path IN_MEMORY = Path.of("safetensors bytes");

    private static final int LARGEST_ARRAY = Integer.MAX_VALUE - 8;

    private static final Comparator<StoredTensor> ORDER = Comparator.comparing(
                    (StoredTensor tensor) ->
                            Dtype.of(tensor.storedType()).map(Dtype::ordinal).orElse(-1),
                    Comparator.reverseOrder())
            .thenComparing(
                    tensor -> tensor.name().getBytes(StandardCharsets.UTF_8),
                    UnsignedBytes.lexicographicalComparator());

    private Safetensors() {}

    /**
     * Reads all tensors of a file, in their stored type.
     *
     * @param file the file
     * @return the arrays and the metadata, which the caller closes
     * @throws SafetensorsException if it isn't a valid safetensors file, or if ND4J has no type for one of its tensors
     * @throws IOException if it can't be read
     */
    public static NamedArrays read(Path file) throws IOException {
        try (SafetensorsFile opened = SafetensorsFile.open(file)) {
            return NamedArrays.load(
                    file, opened.header(), entry -> opened.tensor(entry.name()).loadStored());
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    /**
     * Reads all tensors from the bytes of a file, in their stored type.
     *
     * @param bytes the whole file, which isn't needed any more afterwards
     * @return the arrays and the metadata, which the caller closes
     * @throws SafetensorsException if these are no valid safetensors bytes, or if ND4J has no type for one of the tensors
     */
    public static NamedArrays read(byte[] bytes) throws SafetensorsException {
        SafetensorsHeader header = HeaderReader.read(IN_MEMORY, bytes);
        return NamedArrays.load(IN_MEMORY, header, entry -> {
            int begin = Math.toIntExact(header.dataStart() + entry.begin());
            INDArray values = NamedArrays.uninitialized(entry);
            if (!values.isEmpty()) {
                new ElementCopy(entry.dtype().dataType())
                        .assign(ByteBuffer.wrap(bytes, begin, (int) entry.byteLength()), values, 0);
            }
            return values;
        });
    }

    /**
     * Writes arrays into a new file, without metadata.
     *
     * @param tensors the arrays by name
     * @param file the file, which must not exist, in an existing directory
     * @throws SafetensorsException if the file exists, or can't be written
     * @throws IOException if writing fails
     * @throws IllegalArgumentException as by {@link #write(Map, Map, Path)}
     */
    public static void write(Map<String, INDArray> tensors, Path file) throws IOException {
        write(tensors, ImmutableMap.of(), file);
    }

    /**
     * Writes arrays into a new file, which appears under its name once it is complete and on the disk.
     *
     * <p>It is written under another name beside its place. Only a process that is killed leaves that, as
     * {@code .NAME.ID.tmp}. Arrays are streamed; only those that aren't dense are copied, one at a time.
     *
     * @param tensors the arrays by name
     * @param metadata the free text of the header, {@code format=pt} in files that PyTorch's users expect
     * @param file the file, which must not exist, in an existing directory
     * @throws SafetensorsException if the file exists, or can't be written
     * @throws IOException if writing fails
     * @throws IllegalArgumentException if a name is one that the format keeps for itself, if an array was closed, or has a type
     *     that the format lacks
     */
    public static void write(Map<String, INDArray> tensors, Map<String, String> metadata, Path file)
            throws IOException {
        write(tensors, metadata, NewFile.at(file));
    }

    /**
     * Writes arrays as {@link #write(Map, Map, Path)} does, and replaces a file that has the name. Until it is replaced, in one step,
     * the old file is whole.
     *
     * @param tensors the arrays by name
     * @param metadata the free text of the header
     * @param file the file, in an existing directory; a link is replaced itself
     * @throws SafetensorsException if the file can't be written
     * @throws IOException if writing fails
     * @throws IllegalArgumentException as by {@link #write(Map, Map, Path)}
     */
    public static void replace(Map<String, INDArray> tensors, Map<String, String> metadata, Path file)
            throws IOException {
        write(tensors, metadata, NewFile.replacing(file));
    }

    private static void write(Map<String, INDArray> tensors, Map<String, String> metadata, NewFile file)
            throws IOException {
        List<StoredTensor> ordered = ordered(tensors);
        file.write(temporary -> SafetensorsWriter.writeFile(temporary, ordered, metadata));
    }

    /**
     * Writes arrays to a stream, as a file would have them.
     *
     * @param tensors the arrays by name
     * @param metadata the free text of the header
     * @param out where to write; it is flushed, not closed
     * @throws IOException if writing fails
     * @throws IllegalArgumentException as by {@link #write(Map, Map, Path)}
     */
    public static void write(Map<String, INDArray> tensors, Map<String, String> metadata, OutputStream out)
            throws IOException {
        shard(tensors, metadata).writeTo(Channels.newChannel(out));
        out.flush();
    }

    /**
     * Writes arrays into bytes, as a file would have them.
     *
     * @param tensors the arrays by name
     * @param metadata the free text of the header
     * @return the bytes
     * @throws IllegalArgumentException as by {@link #write(Map, Map, Path)}, or if this takes more bytes than a Java array has
     */
    public static byte[] toBytes(Map<String, INDArray> tensors, Map<String, String> metadata) {
        Shard shard = shard(tensors, metadata);
        if (shard.totalBytes() > LARGEST_ARRAY) {
            throw new IllegalArgumentException("the tensors take " + shard.totalBytes() + " bytes, expected at most "
                    + LARGEST_ARRAY + " for an array of bytes; write them to a file or a stream");
        }
        ByteBuffer bytes = ByteBuffer.allocate((int) shard.totalBytes());
        try (WritableByteChannel channel = new BufferChannel(bytes)) {
            shard.writeTo(channel);
        } catch (IOException e) {
            throw new AssertionError("memory can always be written to", e);
        }
        return bytes.array();
    }

    private static Shard shard(Map<String, INDArray> tensors, Map<String, String> metadata) {
        return ShardLayout.single(IN_MEMORY.toString(), ordered(tensors), metadata);
    }

    private static List<StoredTensor> ordered(Map<String, INDArray> tensors) {
        return tensors.entrySet().stream()
                .<StoredTensor>map(entry -> WrittenArray.of(entry.getKey(), entry.getValue()))
                .sorted(ORDER)
                .toList();
    }
}
