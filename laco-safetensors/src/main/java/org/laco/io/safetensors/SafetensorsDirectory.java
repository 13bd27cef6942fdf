package org.laco.io.safetensors;

import com.google.common.base.Joiner;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.laco.io.file.SmallFile;

/**
 * The tensors of a directory: of its {@code model.safetensors}, or else of the shards that its
 * {@code model.safetensors.index.json} lists.
 *
 * <pre>{@code
 * try (SafetensorsDirectory weights = SafetensorsDirectory.open(Path.of("SmolLM2-135M"))) {
 *     float[] norm = weights.tensor("model.norm.weight").load().toFloats();
 *     System.out.println(norm.length);
 * }
 * }</pre>
 *
 * <p>Index and shards have to agree: a tensor that only one of them knows is an error. Symbolic links are followed.
 */
public final class SafetensorsDirectory extends MappedTensors {
    /** The name of a directory's only file. */
    static final String SINGLE_FILE = "model.safetensors";

    private final ImmutableList<SafetensorsFile> files;
    private final ImmutableMap<String, String> indexHash;

    private SafetensorsDirectory(Path directory, List<SafetensorsFile> files, ImmutableMap<String, String> indexHash) {
        super(directory, tensors(files));
        this.files = ImmutableList.copyOf(files);
        this.indexHash = indexHash;
    }

    private static ImmutableMap<String, MappedTensor> tensors(List<SafetensorsFile> files) {
        ImmutableMap.Builder<String, MappedTensor> tensors = ImmutableMap.builder();
        for (SafetensorsFile file : files) {
            file.tensors().forEach(tensor -> tensors.put(tensor.name(), tensor));
        }
        return tensors.buildOrThrow();
    }

    /**
     * Opens the weights in a directory.
     *
     * @param directory a directory with {@code model.safetensors} or an index and its shards; the single file is taken where
     *     both are there
     * @return the weights, which the caller closes
     * @throws SafetensorsException if there are none, if a file isn't valid, or if index and shards don't agree
     * @throws IOException if a file can't be read
     */
    public static SafetensorsDirectory open(Path directory) throws IOException {
        if (exists(directory.resolve(SINGLE_FILE))) {
            return new SafetensorsDirectory(
                    directory, List.of(SafetensorsFile.open(directory.resolve(SINGLE_FILE))), ImmutableMap.of());
        }
        Path index = directory.resolve(ShardIndex.FILE_NAME);
        if (!exists(index)) {
            throw nothingToOpen(directory);
        }
        SmallFile indexFile = ShardIndex.open(index);
        ImmutableMap<String, String> weightMap = ShardIndex.parse(indexFile, index);
        List<SafetensorsFile> shards = new ArrayList<>();
        try {
            for (String shard : ShardIndex.files(weightMap)) {
                shards.add(openShard(index, directory.resolve(shard)));
            }
            checkAgreement(index, weightMap, shards);
            return new SafetensorsDirectory(
                    directory, shards, ImmutableMap.of(ShardIndex.FILE_NAME, indexFile.sha256()));
        } catch (Throwable e) {
            shards.forEach(SafetensorsFile::close);
            throw e;
        }
    }

    private static SafetensorsFile openShard(Path index, Path shard) throws IOException {
        try {
            return SafetensorsFile.open(shard);
        } catch (FileNotFoundException e) {
            throw SafetensorsException.in(index, "the shard '%s' is missing or can't be read", shard.getFileName())
                    .causedBy(e);
        }
    }

    private static void checkAgreement(Path index, Map<String, String> weightMap, List<SafetensorsFile> shards)
            throws SafetensorsException {
        for (SafetensorsFile shard : shards) {
            String file = shard.path().getFileName().toString();
            for (String name : shard.names()) {
                String listed = weightMap.get(name);
                if (!file.equals(listed)) {
                    throw SafetensorsException.in(
                            shard.path(),
                            "tensor '%s' is in this shard, but the index lists it %s",
                            name,
                            listed == null ? "nowhere" : "in '" + listed + "'");
                }
            }
            for (Map.Entry<String, String> entry : weightMap.entrySet()) {
                if (entry.getValue().equals(file) && !shard.contains(entry.getKey())) {
                    throw SafetensorsException.in(
                            index, "tensor '%s' is listed in '%s', but that shard lacks it", entry.getKey(), file);
                }
            }
        }
    }

    private static SafetensorsException nothingToOpen(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            return SafetensorsException.in(directory, "there is no such directory");
        }
        String expected = "expected " + SINGLE_FILE + " or " + ShardIndex.FILE_NAME;
        List<String> pickled = names(directory, ".bin", ".pt", ".pth", ".ckpt");
        List<String> other = names(directory, ".safetensors");
        if (!other.isEmpty()) {
            return SafetensorsException.in(
                    directory,
                    "the directory has %s without an index, %s",
                    Joiner.on(", ").join(other),
                    expected);
        }
        if (!pickled.isEmpty()) {
            return SafetensorsException.in(
                    directory,
                    "the directory has pickled weights only (%s), which are not read and have to be converted to safetensors, %s",
                    Joiner.on(", ").join(pickled),
                    expected);
        }
        return SafetensorsException.in(directory, "the directory has no weights, %s", expected);
    }

    private static List<String> names(Path directory, String... endings) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> Stream.of(endings).anyMatch(name::endsWith))
                    .sorted()
                    .toList();
        }
    }

    /** Sees a dangling link too, so that opening it says what is wrong. */
    private static boolean exists(Path file) {
        return Files.exists(file, LinkOption.NOFOLLOW_LINKS);
    }

    @Override
    public ImmutableList<SafetensorsFile> files() {
        return files;
    }

    /**
     * Hashes the files that were opened, whatever has their names by now.
     *
     * @return the SHA-256 in lower-case hexadecimal of each file, the index too, by its name
     * @throws SafetensorsException if one was written to since it was opened
     * @throws IOException if one can't be read
     */
    public ImmutableMap<String, String> hashes() throws IOException {
        ImmutableMap.Builder<String, String> hashes =
                ImmutableMap.<String, String>builder().putAll(indexHash);
        for (SafetensorsFile file : files) {
            hashes.put(file.path().getFileName().toString(), file.sha256());
        }
        return hashes.buildOrThrow();
    }

    /**
     * Returns the free text under {@code __metadata__} of the first file, which all shards share by custom.
     *
     * @return the texts by key, empty if there are none
     */
    @Override
    public ImmutableMap<String, String> metadata() {
        return files.get(0).metadata();
    }

    @Override
    public void close() {
        super.close();
        files.forEach(SafetensorsFile::close);
    }
}
