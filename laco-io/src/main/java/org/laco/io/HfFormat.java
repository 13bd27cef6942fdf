package org.laco.io;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Hugging Face's directories of {@code config.json} and safetensors weights. */
final class HfFormat implements CheckpointFormat {
    @Override
    public String name() {
        return "Hugging Face";
    }

    @Override
    public Optional<String> objection(Path path) throws IOException {
        if (!Files.isDirectory(path)) {
            return Optional.of(ForeignCheckpoint.missing(path));
        }
        Optional<String> foreign = ForeignCheckpoint.reason(path);
        return foreign.isPresent() || Files.exists(path.resolve(ConfigFile.NAME))
                ? foreign
                : Optional.of("has no " + ConfigFile.NAME);
    }

    @Override
    public boolean mayReplace(Path directory) throws IOException {
        return ReplaceableDirectory.isCheckpoint(directory);
    }

    @Override
    public Checkpoint open(Path path) throws IOException {
        return HfCheckpoint.open(path);
    }
}
