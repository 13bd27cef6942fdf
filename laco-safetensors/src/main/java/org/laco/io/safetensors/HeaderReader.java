package org.laco.io.safetensors;

import com.google.common.base.CharMatcher;
import com.google.common.base.Utf8;
import java.io.ByteArrayInputStream;
import java.io.DataInput;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Reads the start of a file, the header's length and the header, and checks them against the file's size. */
final class HeaderReader {
    /** The length of a header that the format allows, in bytes. */
    static final int MAX_LENGTH = 100_000_000;

    /** How a Git LFS pointer begins, {@code version }, read as a length. */
    private static final long POINTER = 0x206e6f6973726576L;

    private static final CharMatcher JSON_SPACE = CharMatcher.anyOf(" \t\n\r");

    private HeaderReader() {}

    static SafetensorsHeader read(Path path, RandomAccessFile file) throws IOException {
        file.seek(0);
        return read(path, file, file.length());
    }

    /** Reads the start of a whole file in memory; messages have a name in place of its path. */
    static SafetensorsHeader read(Path name, byte[] file) throws SafetensorsException {
        try {
            return read(name, new DataInputStream(new ByteArrayInputStream(file)), file.length);
        } catch (SafetensorsException e) {
            throw e;
        } catch (IOException e) {
            throw new AssertionError("memory can always be read", e);
        }
    }

    private static SafetensorsHeader read(Path path, DataInput file, long size) throws IOException {
        if (size < Long.BYTES) {
            throw SafetensorsException.in(
                    path, "the file has %d bytes, expected at least 8 for the length of the header", size);
        }
        long length = Long.reverseBytes(file.readLong());
        if (length == POINTER) {
            throw SafetensorsException.in(
                    path, "the file is a Git LFS pointer in place of the weights: fetch them, as by git lfs pull");
        }
        if (length < 0 || length > MAX_LENGTH) {
            throw SafetensorsException.in(
                    path,
                    "bytes 0 to 8 announce a header of %s bytes, expected at most %d",
                    Long.toUnsignedString(length),
                    MAX_LENGTH);
        }
        if (length > size - Long.BYTES) {
            throw SafetensorsException.in(
                    path,
                    "bytes 0 to 8 announce a header of %d bytes, expected at most %d, which is what follows them",
                    length,
                    size - Long.BYTES);
        }
        byte[] header = new byte[(int) length];
        file.readFully(header);
        long dataStart = Long.BYTES + length;
        if (!Utf8.isWellFormed(header)) {
            throw SafetensorsException.in(path, "the header, bytes 8 to %d, is not valid UTF-8", dataStart);
        }
        String json = new String(header, StandardCharsets.UTF_8);
        if (!JSON_SPACE.trimLeadingFrom(json).startsWith("{")) {
            throw SafetensorsException.in(path, "the header, bytes 8 to %d, does not start with {", dataStart);
        }
        return new HeaderParser(path, dataStart, size - dataStart).parse(json);
    }
}
