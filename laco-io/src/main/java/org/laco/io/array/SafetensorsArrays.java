package org.laco.io.array;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.Maps;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.laco.io.safetensors.LoadedTensors;
import org.laco.io.safetensors.MappedTensor;
import org.laco.io.safetensors.Safetensors;
import org.laco.io.safetensors.SafetensorsFile;
import org.laco.io.safetensors.Tensor;
import org.laco.io.safetensors.WritableTensor;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Reads and writes whole safetensors files in one call, as {@link Safetensors} does, with ND4J's arrays.
 *
 * <pre>{@code
 * SafetensorsArrays.write(Map.of("weight", Nd4j.rand(4, 3), "steps", Nd4j.scalar(1000L)), Path.of("state.safetensors"));
 * try (NamedArrays state = SafetensorsArrays.read(Path.of("state.safetensors"))) {
 *     System.out.println(state.array("weight").shapeInfoToString());
 * }
 * }</pre>
 *
 * <p>Arrays are written in their own type and read in the stored one, bit for bit. {@link FileTensors} reads single tensors, or
 * parts of them, from a file of any size; {@link WrittenTensor}s are written that aren't in memory.
 */
public final class SafetensorsArrays {
    private SafetensorsArrays() {}

    /**
     * Reads all tensors of a file, in their stored type.
     *
     * @param file the file
     * @return the arrays and the metadata, which the caller closes
     * @throws org.laco.io.safetensors.SafetensorsException if it isn't a valid safetensors file
     * @throws IOException if it can't be read, or if ND4J has no type for one of its tensors
     */
    public static NamedArrays read(Path file) throws IOException {
        try (SafetensorsFile opened = SafetensorsFile.open(file)) {
            return NamedArrays.load(
                    file.toString(),
                    opened.tensors().stream()
                            .collect(ImmutableMap.toImmutableMap(MappedTensor::name, MappedTensor::dtype)),
                    opened.metadata(),
                    name -> new FileTensor(opened.tensor(name)).loadStored());
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    /**
     * Reads all tensors from the bytes of a file, in their stored type.
     *
     * @param bytes the whole file, which isn't needed any more afterwards
     * @return the arrays and the metadata, which the caller closes
     * @throws org.laco.io.safetensors.SafetensorsException if these are no valid safetensors bytes
     * @throws IOException if ND4J has no type for one of the tensors
     */
    public static NamedArrays read(byte[] bytes) throws IOException {
        LoadedTensors loaded = Safetensors.read(bytes);
        return NamedArrays.load(
                "safetensors bytes",
                ImmutableMap.copyOf(Maps.transformValues(loaded.tensors(), Tensor::dtype)),
                loaded.metadata(),
                name -> NamedArrays.array(loaded.tensor(name)));
    }

    /**
     * Writes arrays into a new file, without metadata.
     *
     * @param tensors the arrays by name
     * @param file the file, which must not exist, in an existing directory
     * @throws org.laco.io.safetensors.SafetensorsException if the file exists, or can't be written
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
     * @throws org.laco.io.safetensors.SafetensorsException if the file exists, or can't be written
     * @throws IOException if writing fails
     * @throws IllegalArgumentException if a name is one that the format keeps for itself, if an array was closed, or has a type
     *     that the format lacks
     */
    public static void write(Map<String, INDArray> tensors, Map<String, String> metadata, Path file)
            throws IOException {
        Safetensors.write(written(tensors), metadata, file);
    }

    /**
     * Writes arrays as {@link #write(Map, Map, Path)} does, and replaces a file that has the name. Until it is replaced, in one step,
     * the old file is whole.
     *
     * @param tensors the arrays by name
     * @param metadata the free text of the header
     * @param file the file, in an existing directory; a link is replaced itself
     * @throws org.laco.io.safetensors.SafetensorsException if the file can't be written
     * @throws IOException if writing fails
     * @throws IllegalArgumentException as by {@link #write(Map, Map, Path)}
     */
    public static void replace(Map<String, INDArray> tensors, Map<String, String> metadata, Path file)
            throws IOException {
        Safetensors.replace(written(tensors), metadata, file);
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
        Safetensors.write(written(tensors), metadata, out);
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
        try {
            return Safetensors.toBytes(written(tensors), metadata);
        } catch (IOException e) {
            throw new AssertionError("memory can always be read", e);
        }
    }

    private static List<WritableTensor> written(Map<String, INDArray> tensors) {
        return tensors.entrySet().stream()
                .<WritableTensor>map(entry -> WrittenArray.of(entry.getKey(), entry.getValue()))
                .toList();
    }
}
