package org.laco.io.file;

import java.io.IOException;
import java.nio.file.Path;

/** Says that Git LFS left a pointer where the file should be, since the file was not fetched. */
public final class LfsPointerException extends IOException {
    private static final long serialVersionUID = 1;

    LfsPointerException(Path path) {
        super(path + " is a Git LFS pointer in place of the file: fetch the files, as by git lfs pull");
    }
}
