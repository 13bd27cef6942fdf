package org.laco.io;

import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Directories that hold something else than a whole checkpoint in safetensors, and what to do with them. */
final class ForeignCheckpoint {
    private static final String ADAPTER = "adapter_config.json";
    private static final String ADAPTER_WEIGHTS = "adapter_model.";
    private static final String SNAPSHOTS = "snapshots";
    private static final String SAFETENSORS = ".safetensors";
    private static final String INDEX = "model.safetensors.index.json";
    private static final ImmutableList<String> PICKLED = ImmutableList.of(".bin", ".pt", ".pth", ".ckpt", ".pkl");

    private final Path directory;

    private ForeignCheckpoint(Path directory) {
        this.directory = directory;
    }

    /** Says what the directory holds instead and what to do, as the rest of a sentence on it; empty if it may be a checkpoint. */
    static Optional<String> reason(Path directory) throws IOException {
        return new ForeignCheckpoint(directory).reason();
    }

    /** Refuses a directory with one sentence that says what to do. */
    static void refuse(Path directory) throws IOException {
        Optional<String> reason = reason(directory);
        if (reason.isPresent()) {
            throw new IOException(directory + " " + reason.get());
        }
    }

    /**
     * Says of a path that is no directory what it is, as the rest of a sentence on it. Reading changes nothing, so that what a killed
     * process moved aside is named, and put back by whoever writes there next.
     */
    static String missing(Path path) {
        return WriteLock.movedAside(path)
                .map(old ->
                        "is not there: the process that was replacing it was killed or is just doing so. Its old content is in '"
                                + old.getFileName()
                                + "' beside it; the next command that writes there puts it back, or rename it")
                .orElse("is not a directory");
    }

    private Optional<String> reason() throws IOException {
        List<String> names = names();
        boolean hasWeights = names.contains(INDEX)
                || names.stream().anyMatch(name -> name.endsWith(SAFETENSORS) && !name.startsWith(ADAPTER_WEIGHTS));
        if (hasWeights) {
            return Optional.empty();
        }
        if (names.contains(SNAPSHOTS) && !names.contains(ConfigFile.NAME)) {
            return Optional.of("is where Hugging Face's cache keeps all revisions of a model: " + snapshots());
        }
        if (names.contains(ADAPTER)) {
            return Optional.of("holds an adapter (" + ADAPTER
                    + ") without its base model: merge the adapter into the model, save that, and collapse it");
        }
        Optional<String> gguf =
                names.stream().filter(name -> name.endsWith(".gguf")).findFirst();
        if (gguf.isPresent()) {
            return Optional.of("holds weights as " + gguf.get()
                    + ", a format of quantised models for inference: collapse the original checkpoint in safetensors");
        }
        return names.stream()
                .filter(name -> PICKLED.stream().anyMatch(name::endsWith) && !name.equals("training_args.bin"))
                .findFirst()
                .map(name -> "holds only pickled weights (" + name
                        + "), which can run code when they are read:"
                        + " save the model as safetensors, by save_pretrained of transformers, and collapse that");
    }

    private String snapshots() throws IOException {
        List<Path> found;
        try (Stream<Path> files = Files.list(directory.resolve(SNAPSHOTS))) {
            found = files.filter(Files::isDirectory).sorted().limit(3).toList();
        }
        return found.isEmpty()
                ? "there is none in its " + SNAPSHOTS + ", so it has to be downloaded again"
                : "give one of them, " + found.stream().map(Path::toString).collect(Collectors.joining(" or "));
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString().toLowerCase(Locale.ROOT))
                    .sorted()
                    .toList();
        }
    }
}
