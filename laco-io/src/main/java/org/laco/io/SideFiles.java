package org.laco.io;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The files of a checkpoint besides its weights and configuration: tokenizer, templates, licence, model card, code.
 *
 * <p>A link is followed within the checkpoint, and, in Hugging Face's cache, to the {@code blobs} that its files are links to. One that
 * leads elsewhere is refused: whoever made the checkpoint would otherwise decide which of the user's files are copied into the result.
 */
final class SideFiles {
    /** Weights in whatever format: they belong to the original's layers. */
    private static final ImmutableSet<String> WEIGHTS = ImmutableSet.of(
            "safetensors", "bin", "pt", "pth", "ckpt", "h5", "msgpack", "onnx", "gguf", "ot", "tflite", "npz", "pkl");

    private final ImmutableList<Path> files;

    private SideFiles(ImmutableList<Path> files) {
        this.files = files;
    }

    /** Lists the files to copy, in the order of their names; directories and hidden files are left out. */
    static SideFiles of(Path directory) throws IOException {
        ImmutableList<Path> files;
        try (Stream<Path> all = Files.list(directory)) {
            files = all.filter(Files::isRegularFile)
                    .filter(file -> belongs(file.getFileName().toString().toLowerCase(Locale.ROOT)))
                    .sorted()
                    .collect(ImmutableList.toImmutableList());
        }
        Path real = directory.toRealPath();
        for (Path file : files) {
            requireInside(real, file);
            if (!Files.isReadable(file)) {
                throw new IOException(
                        file + " can't be read, and would be missing beside the result: make it readable, or move it");
            }
        }
        return new SideFiles(files);
    }

    private static boolean belongs(String name) {
        return !name.startsWith(".")
                && !name.equals(ConfigFile.NAME)
                && !name.equals(CollapseRecord.FILE_NAME)
                && !name.endsWith(".index.json")
                && !WEIGHTS.contains(name.substring(name.lastIndexOf('.') + 1));
    }

    private static void requireInside(Path directory, Path file) throws IOException {
        if (!Files.isSymbolicLink(file)) {
            return;
        }
        Path real = file.toRealPath();
        Optional<Path> blobs = blobs(directory);
        if (!real.startsWith(directory) && !(blobs.isPresent() && real.startsWith(blobs.get()))) {
            throw new IOException(file + " is a link out of the checkpoint, to " + real
                    + ", and is not copied into a result: put a copy in its place, or remove it");
        }
    }

    /** Returns where the files of {@code models--OWNER--NAME/snapshots/REVISION} are. */
    private static Optional<Path> blobs(Path directory) throws IOException {
        Path snapshots = directory.getParent();
        if (snapshots == null || !snapshots.endsWith("snapshots") || snapshots.getParent() == null) {
            return Optional.empty();
        }
        Path blobs = snapshots.resolveSibling("blobs");
        return Files.isDirectory(blobs) ? Optional.of(blobs.toRealPath()) : Optional.empty();
    }

    /** Returns the size of the files to copy in bytes. */
    long bytes() throws IOException {
        long bytes = 0;
        for (Path file : files) {
            bytes += Files.size(file);
        }
        return bytes;
    }

    /** Copies the files' contents, following links. */
    void copyTo(Path target) throws IOException {
        for (Path file : files) {
            // Not by a text: a name needn't be one in the user's locale.
            Files.copy(file, target.resolve(file.getFileName()));
        }
    }
}
