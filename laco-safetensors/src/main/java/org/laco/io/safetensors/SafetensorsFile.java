package org.laco.io.safetensors;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.laco.io.file.SmallFile;

/**
 * One safetensors file, checked and memory-mapped.
 *
 * <pre>{@code
 * try (SafetensorsFile file = SafetensorsFile.open(Path.of("model.safetensors"))) {
 *     for (MappedTensor tensor : file.tensors()) {
 *         System.out.println(tensor.name() + " " + tensor.dtype() + " " + Arrays.toString(tensor.shape()));
 *     }
 * }
 * }</pre>
 *
 * <p>Opening reads the header only. The values stay in the file, and their pages in the system's page cache: neither Java's
 * heap nor off-heap memory holds them. On Windows a mapped file can't be deleted until its tensors are garbage collected.
 */
public final class SafetensorsFile extends MappedTensors {
    private final OpenedFile file;
    private final Optional<FileState> state;
    private final SafetensorsHeader header;

    private SafetensorsFile(
            OpenedFile file,
            Optional<FileState> state,
            SafetensorsHeader header,
            ImmutableMap<String, MappedTensor> tensors) {
        super(file.path(), tensors);
        this.file = file;
        this.state = state;
        this.header = header;
    }

    /**
     * Opens a file, after checking its header against the format and the file's size.
     *
     * @param path the file, or a link to it, in the default file system
     * @return the file, which the caller closes
     * @throws SafetensorsException if it isn't a valid safetensors file
     * @throws IOException if it can't be read
     */
    public static SafetensorsFile open(Path path) throws IOException {
        return open(path, FileMapper.MAX_MAPPING);
    }

    static SafetensorsFile open(Path path, int maxMapping) throws IOException {
        if (path.getFileSystem() != FileSystems.getDefault()) {
            throw SafetensorsException.in(path, "only files of the default file system can be mapped");
        }
        Optional<FileState> state = FileState.of(path);
        if (state.isPresent()) {
            SmallFile.requireRegular(path);
        }
        // What isn't there at all, the system says best.
        RandomAccessFile opened = new RandomAccessFile(path.toFile(), "r");
        try {
            OpenedFile file = new OpenedFile(path, opened);
            SafetensorsHeader header = HeaderReader.read(path, opened);
            Map<TensorEntry, Pieces> pieces = new FileMapper(opened.getChannel(), maxMapping).map(header);
            ImmutableMap.Builder<String, MappedTensor> tensors = ImmutableMap.builder();
            for (TensorEntry entry : header.tensors()) {
                long position = header.dataStart() + entry.begin();
                tensors.put(entry.name(), new MappedTensor(file, entry, pieces.get(entry), position));
            }
            return new SafetensorsFile(file, state, header, tensors.buildOrThrow());
        } catch (Throwable e) {
            opened.close();
            throw e;
        }
    }

    @Override
    public ImmutableList<SafetensorsFile> files() {
        return ImmutableList.of(this);
    }

    /**
     * Returns what the file says about its tensors.
     *
     * @return the header
     */
    public SafetensorsHeader header() {
        return header;
    }

    @Override
    public ImmutableMap<String, String> metadata() {
        return header.metadata();
    }

    /**
     * Hashes the file that was opened, whatever has its name by now.
     *
     * @return the SHA-256 in lower-case hexadecimal
     * @throws SafetensorsException if the file was written to since it was opened
     * @throws IOException if it can't be read
     */
    public String sha256() throws IOException {
        String hash = file.sha256();
        Optional<FileState> now = FileState.of(file.path());
        if (state.isPresent() && now.isPresent() && state.get().isChangedTo(now.get())) {
            throw SafetensorsException.in(
                    file.path(), "the file was written to after it was opened, so that what was read can't be told");
        }
        return hash;
    }

    @Override
    public void close() {
        super.close();
        file.close();
    }
}
