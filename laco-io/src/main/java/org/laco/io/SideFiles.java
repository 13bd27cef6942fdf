package org.laco.io;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.stream.Stream;

/** The files of a checkpoint besides its weights and configuration: tokenizer, templates, licence, model card, code. */
final class SideFiles {
    /** Weights in whatever format: they belong to the original's layers. */
    private static final ImmutableSet<String> WEIGHTS = ImmutableSet.of(
            "safetensors", "bin", "pt", "pth", "ckpt", "h5", "msgpack", "onnx", "gguf", "ot", "tflite", "npz", "pkl");

    private final Path directory;

    SideFiles(Path directory) {
        this.directory = directory;
    }

    /** Lists the files to copy, in the order of their names; directories and hidden files are left out. */
    ImmutableList<Path> list() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(Files::isRegularFile)
                    .filter(file -> belongs(file.getFileName().toString().toLowerCase(Locale.ROOT)))
                    .sorted()
                    .collect(ImmutableList.toImmutableList());
        }
    }

    private static boolean belongs(String name) {
        return !name.startsWith(".")
                && !name.equals(ConfigFile.NAME)
                && !name.equals(CollapseRecord.FILE_NAME)
                && !name.endsWith(".index.json")
                && !WEIGHTS.contains(name.substring(name.lastIndexOf('.') + 1));
    }

    /** Returns the size of the files to copy in bytes. */
    long bytes() throws IOException {
        long bytes = 0;
        for (Path file : list()) {
            bytes += Files.size(file);
        }
        return bytes;
    }

    /** Copies the files' contents, following links. */
    void copyTo(Path target) throws IOException {
        for (Path file : list()) {
            Files.copy(file, target.resolve(file.getFileName().toString()));
        }
    }
}
