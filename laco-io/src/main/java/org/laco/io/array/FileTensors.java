package org.laco.io.array;

import com.google.common.collect.ImmutableMap;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import org.laco.io.safetensors.MappedTensors;
import org.laco.io.safetensors.SafetensorsDirectory;
import org.laco.io.safetensors.SafetensorsFile;
import org.laco.tensor.NamedTensors;

/**
 * The tensors of a safetensors file, or of a directory of them, read into ND4J arrays.
 *
 * <pre>{@code
 * try (FileTensors weights = FileTensors.open(Path.of("SmolLM2-135M"));
 *         INDArray norm = weights.tensor("model.norm.weight").load()) {
 *     System.out.println(norm.length());
 * }
 * }</pre>
 *
 * <p>Opening reads headers only; the values stay in the file until an array is filled with them.
 */
public final class FileTensors extends NamedTensors<FileTensor> {
    private final MappedTensors mapped;

    private FileTensors(MappedTensors mapped) {
        super(
                mapped.path().toString(),
                mapped.tensors().stream()
                        .map(FileTensor::new)
                        .collect(ImmutableMap.toImmutableMap(FileTensor::name, tensor -> tensor)));
        this.mapped = mapped;
    }

    /**
     * Takes what was opened, which is closed with the result.
     *
     * @param mapped an opened file or directory
     * @return its tensors
     */
    public static FileTensors of(MappedTensors mapped) {
        return new FileTensors(mapped);
    }

    /**
     * Opens a file of any name, or the weights in a directory.
     *
     * @param path a safetensors file, or a directory as {@link SafetensorsDirectory#open} takes it
     * @return its tensors, which the caller closes
     * @throws org.laco.io.safetensors.SafetensorsException if a file isn't valid, or if index and shards don't agree
     * @throws IOException if a file can't be read
     */
    public static FileTensors open(Path path) throws IOException {
        return of(Files.isDirectory(path) ? SafetensorsDirectory.open(path) : SafetensorsFile.open(path));
    }

    /**
     * Returns the file or the directory without ND4J, with its metadata.
     *
     * @return what was opened
     */
    public MappedTensors mapped() {
        return mapped;
    }

    /**
     * Brings tensors into the page cache in the background, up to 1 GiB of them.
     *
     * @param names the tensors, in the order in which they will be read; they replace those announced before
     */
    @Override
    public void prefetch(Collection<String> names) {
        mapped.prefetch(names);
    }

    @Override
    public void close() {
        mapped.close();
    }
}
