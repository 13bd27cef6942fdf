package org.laco.io;

import com.google.common.collect.ImmutableMap;
import java.io.IOException;
import java.nio.file.Path;
import org.laco.measure.ProgressListener;

/** The files of a model that is to be written, all of them but the record of the collapse. */
public interface CheckpointFiles {
    /**
     * Returns the size of all files together.
     *
     * @return the size in bytes, which has to be free on the disk
     * @throws IOException if the size of a file to copy can't be read
     */
    long bytes() throws IOException;

    /**
     * Writes the files.
     *
     * @param directory an existing, empty directory
     * @param hashing whether hashes are wanted, so that a large file that is hashed while it is written needn't be read again
     * @return the lower-case SHA-256 of those files that were hashed, by name
     * @throws IOException if reading or writing fails
     */
    ImmutableMap<String, String> writeTo(Path directory, boolean hashing) throws IOException;

    /**
     * Writes the files as {@link #writeTo(Path, boolean)} does, and tells how far that is. The default tells nothing.
     *
     * @param directory an existing, empty directory
     * @param hashing whether hashes are wanted
     * @param listener who is told
     * @return the lower-case SHA-256 of those files that were hashed, by name
     * @throws IOException if reading or writing fails
     */
    default ImmutableMap<String, String> writeTo(Path directory, boolean hashing, ProgressListener listener)
            throws IOException {
        return writeTo(directory, hashing);
    }

    /**
     * Opens what was written, to be measured.
     *
     * @param directory the directory that the files were written to
     * @return the written checkpoint, which the caller closes
     * @throws IOException if a file is missing, can't be read or isn't valid
     */
    Checkpoint open(Path directory) throws IOException;
}
