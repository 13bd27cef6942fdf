package org.laco.io.safetensors;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Optional;

/**
 * Which file a name stands for, and when it was written last.
 *
 * @param key what tells the file from others of the same name, null where the system has no such thing
 * @param size in bytes
 * @param modified when it was written last
 */
record FileState(Object key, long size, FileTime modified) {
    /** Returns nothing if there is no such file. */
    static Optional<FileState> of(Path path) throws IOException {
        try {
            BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
            return Optional.of(new FileState(attributes.fileKey(), attributes.size(), attributes.lastModifiedTime()));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    /** Returns whether the same file was written to; another one that took its name is no change of this. */
    boolean isChangedTo(FileState later) {
        return key != null && key.equals(later.key) && !equals(later);
    }
}
