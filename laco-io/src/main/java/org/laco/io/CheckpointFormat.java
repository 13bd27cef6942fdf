package org.laco.io;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

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
     * Returns whether a directory holds so much of this format that one who asks for overwriting means it.
     *
     * @param directory an existing directory
     * @return by default, whether the format recognises it
     * @throws IOException if the directory can't be listed
     */
    default boolean mayReplace(Path directory) throws IOException {
        return objection(directory).isEmpty();
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
