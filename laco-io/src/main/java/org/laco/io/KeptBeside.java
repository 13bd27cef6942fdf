package org.laco.io;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The files beside a target in which it is kept how far something is that writes it. */
final class KeptBeside {
    private KeptBeside() {}

    /** Returns {@code .NAME} and an ending beside a target that need not exist, in a directory that is made if it isn't there. */
    static Path of(Path target, String ending) throws IOException {
        Path absolute = target.toAbsolutePath().normalize();
        if (absolute.getFileName() == null) {
            throw new IOException(target + " is the root of a file system: nothing can be kept beside it");
        }
        Files.createDirectories(absolute.getParent());
        return absolute.getParent().toRealPath().resolve("." + absolute.getFileName() + ending);
    }
}
