package org.laco.io;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A form in which models are stored, recognised by the files that it leaves in a directory.
 *
 * <p>A format of one's own is found by {@link Checkpoints} once it is registered as a service, by a line in {@code
 * META-INF/services/org.laco.io.CheckpointFormat}. Implementations are immutable.
 */
public interface CheckpointFormat {
    /**
     * Returns the format's name, for people.
     *
     * @return such as {@code Hugging Face}
     */
    String name();

    /**
     * Returns what keeps a path from being a checkpoint of this format, by a look at the names of files.
     *
     * @param path a directory or a file, which may not exist
     * @return empty if the format recognises it, or else what is there or was expected, as the rest of a sentence on the path: {@code has
     *     no config.json}
     * @throws IOException if the directory can't be listed
     */
    Optional<String> objection(Path path) throws IOException;

    /**
     * Returns whether a directory holds a checkpoint of this format and nothing else, so that one who asks for overwriting can only mean
     * that. What {@link CheckpointWriter} wrote is known by its record, so this is asked of other directories.
     *
     * @param directory an existing directory, which isn't empty
     * @return by default, whether the format recognises it and there is one file in it; a format of several files says which belong to it
     * @throws IOException if the directory can't be listed
     */
    default boolean mayReplace(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            List<Path> some = files.limit(2).toList();
            return some.size() == 1
                    && Files.isRegularFile(some.get(0))
                    && objection(directory).isEmpty();
        }
    }

    /**
     * Opens a checkpoint.
     *
     * @param path a directory or a file
     * @return the checkpoint, which the caller closes
     * @throws IOException if a file is missing, can't be read or isn't valid; the message names it
     * @throws IllegalArgumentException if the model isn't supported
     */
    Checkpoint open(Path path) throws IOException;
}
