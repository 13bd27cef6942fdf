package org.laco.io;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.laco.io.file.SmallFile;

/** Reads text files as people and programs write them: in UTF-8, with or without a byte order mark, which is no part of the text. */
public final class TextFile {
    /** As much text as fits into a heap of a gigabyte with its tokens. */
    private static final int MAX_BYTES = 128_000_000;

    private TextFile() {}

    /**
     * Reads a file.
     *
     * @param file the file, in UTF-8
     * @return its text, without a byte order mark at its start
     * @throws IOException if it is missing, can't be read, is neither a file nor a pipe, has more than 128 MB, or isn't UTF-8; the message
     *     names it
     */
    public static String read(Path file) throws IOException {
        if (Files.isDirectory(file)) {
            throw new IOException(file + " is a directory, expected a text file");
        }
        return SmallFile.readGiven(file, MAX_BYTES).text();
    }
}
