package org.laco.io.safetensors;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.UUID;

/** A file that is complete or not there at all: it is written under another name beside its place, and moved there. */
final class NewFile {
    private final Path target;
    private final boolean replacing;

    private NewFile(Path target, boolean replacing) {
        this.target = target;
        this.replacing = replacing;
    }

    /** A file that must not exist. */
    static NewFile at(Path target) {
        return new NewFile(target, false);
    }

    /** A file that takes the place of one that perhaps exists. */
    static NewFile replacing(Path target) {
        return new NewFile(target, true);
    }

    /** Writes a file of a given name, which doesn't exist. */
    interface Writing {
        void writeTo(Path temporary) throws IOException;
    }

    void write(Writing writing) throws IOException {
        Path absolute = target.toAbsolutePath();
        requireWritable(absolute);
        Path temporary = absolute.resolveSibling("." + absolute.getFileName() + "." + UUID.randomUUID() + ".tmp");
        try {
            writing.writeTo(temporary);
            if (replacing) {
                Files.move(temporary, absolute, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            } else {
                moveToFreeName(temporary, absolute);
            }
        } catch (FileAlreadyExistsException e) {
            throw exists().causedBy(e);
        } catch (IOException e) {
            throw SafetensorsException.in(target, "the file can't be written: %s", reason(e, temporary))
                    .causedBy(e);
        } finally {
            Files.deleteIfExists(temporary);
        }
    }

    private void requireWritable(Path absolute) throws SafetensorsException {
        if (absolute.getFileName() == null || Files.isDirectory(absolute, LinkOption.NOFOLLOW_LINKS)) {
            throw SafetensorsException.in(target, "this is a directory, expected the name of a file");
        }
        if (!Files.isDirectory(absolute.getParent())) {
            throw SafetensorsException.in(
                    target, "the file can't be written: there is no directory %s", absolute.getParent());
        }
        if (!replacing && Files.exists(absolute, LinkOption.NOFOLLOW_LINKS)) {
            throw exists();
        }
    }

    /** Gives the file its name by a second link where the system has links: another process's file of that name stays then. */
    private static void moveToFreeName(Path temporary, Path absolute) throws IOException {
        try {
            Files.createLink(absolute, temporary);
        } catch (FileAlreadyExistsException e) {
            throw e;
        } catch (UnsupportedOperationException | FileSystemException e) {
            Files.move(temporary, absolute);
        }
    }

    private SafetensorsException exists() {
        return SafetensorsException.in(target, "the file exists and is not overwritten");
    }

    /** What went wrong, without the temporary file's name, which nobody knows. */
    private static String reason(IOException e, Path temporary) {
        String reason = e instanceof FileSystemException system && system.getReason() != null
                ? system.getReason()
                : String.valueOf(e.getMessage());
        return reason.replace(temporary + ": ", "");
    }
}
