package org.laco.io.file;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.hash.Hashing;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Locale;

/**
 * The content of a file that is read whole.
 *
 * <pre>{@code
 * String json = SmallFile.read(Path.of("SmolLM2-135M/config.json"), 16_000_000).text();
 * }</pre>
 *
 * <p>Only regular files are read, and links to them: a named pipe may never end, and a device has no size. A size is checked before
 * anything is read, so that a file of holes doesn't fill the memory.
 */
public final class SmallFile {
    /** How a Git LFS pointer begins. */
    private static final String POINTER = "version https://git-lfs";

    private static final String BYTE_ORDER_MARK = "\uFEFF";
    private static final int BLOCK = 1 << 16;
    private static final int KIND = 0170000;

    private final Path path;
    private final byte[] bytes;

    private SmallFile(Path path, byte[] bytes) {
        this.path = path;
        this.bytes = bytes;
    }

    /**
     * Reads a file of a checkpoint, or one that a program wrote.
     *
     * @param path the file, or a link to it
     * @param maxBytes the largest size that is read
     * @return the content
     * @throws LfsPointerException if a pointer is in the file's place
     * @throws IOException if the file is missing, isn't a regular one, is larger or can't be read; the message names it
     */
    public static SmallFile read(Path path, int maxBytes) throws IOException {
        return read(path, maxBytes, false);
    }

    /**
     * Reads a file that a user named, which may be a pipe such as a shell's {@code <(command)} too: whoever gives one waits for it.
     *
     * @param path the file, a link to it, or a pipe
     * @param maxBytes the largest size that is read
     * @return the content
     * @throws LfsPointerException if a pointer is in the file's place
     * @throws IOException if the file is missing, isn't a regular one or a pipe, is larger or can't be read; the message names it
     */
    public static SmallFile readGiven(Path path, int maxBytes) throws IOException {
        return read(path, maxBytes, true);
    }

    private static SmallFile read(Path path, int maxBytes, boolean pipes) throws IOException {
        checkArgument(
                maxBytes >= 0 && maxBytes < Integer.MAX_VALUE - BLOCK, "%s bytes can't be read at once", maxBytes);
        try {
            requireReadable(path, pipes);
            if (Files.isRegularFile(path) && Files.size(path) > maxBytes) {
                throw tooLarge(path, String.format(Locale.ROOT, "%,d bytes", Files.size(path)), maxBytes);
            }
            try (InputStream in = Files.newInputStream(path)) {
                byte[] bytes = atMost(in, path, maxBytes);
                if (new String(bytes, 0, Math.min(bytes.length, POINTER.length()), StandardCharsets.US_ASCII)
                        .equals(POINTER)) {
                    throw new LfsPointerException(path);
                }
                return new SmallFile(path, bytes);
            }
        } catch (FileSystemException e) {
            throw new IOException(path + reason(e), e);
        }
    }

    /** Reads to the end, which may be further away than the size said. */
    private static byte[] atMost(InputStream in, Path path, int maxBytes) throws IOException {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        byte[] block = new byte[BLOCK];
        for (int count = in.read(block); count >= 0; count = in.read(block)) {
            if (content.size() + count > maxBytes) {
                throw tooLarge(path, "more", maxBytes);
            }
            content.write(block, 0, count);
        }
        return content.toByteArray();
    }

    private static IOException tooLarge(Path path, String size, int maxBytes) {
        return new IOException(String.format(
                Locale.ROOT, "%s has %s, expected at most %,d bytes of such a file", path, size, maxBytes));
    }

    /**
     * Refuses what isn't a regular file, before it is opened.
     *
     * @param path the file, or a link to it
     * @throws IOException if it is missing or of another kind; the message names it and its kind
     */
    public static void requireRegular(Path path) throws IOException {
        try {
            requireReadable(path, false);
        } catch (FileSystemException e) {
            throw new IOException(path + reason(e), e);
        }
    }

    private static void requireReadable(Path path, boolean pipes) throws IOException {
        if (Files.isRegularFile(path)) {
            return;
        }
        if (Files.isDirectory(path)) {
            throw new IOException(path + " is a directory, expected a file");
        }
        String kind = kind(path);
        if (!pipes || !kind.equals("a pipe")) {
            throw new IOException(path + " is " + kind + ", expected a regular file");
        }
    }

    /** Names what the system calls a file's type. */
    private static String kind(Path path) throws IOException {
        if (!path.getFileSystem().supportedFileAttributeViews().contains("unix")) {
            Files.getLastModifiedTime(path);
            return "no file";
        }
        return switch ((Integer) Files.getAttribute(path, "unix:mode") & KIND) {
            case 0010000 -> "a pipe";
            case 0020000, 0060000 -> "a device";
            case 0140000 -> "a socket";
            default -> "no file";
        };
    }

    private static String reason(FileSystemException e) {
        if (e instanceof NoSuchFileException) {
            return " is missing";
        }
        if (e instanceof AccessDeniedException) {
            return " can't be read: permission denied";
        }
        return " can't be read" + (e.getReason() == null ? "" : ": " + e.getReason());
    }

    /**
     * Returns the content.
     *
     * @return the bytes themselves, not a copy
     */
    public byte[] bytes() {
        return bytes;
    }

    /**
     * Returns the content as text.
     *
     * @return what the bytes say in UTF-8, without a byte order mark
     * @throws IOException if they aren't UTF-8; the message names the file
     */
    public String text() throws IOException {
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
            return text.startsWith(BYTE_ORDER_MARK) ? text.substring(1) : text;
        } catch (CharacterCodingException e) {
            throw new IOException(path + ": not valid UTF-8", e);
        }
    }

    /**
     * Returns the hash of what was read, whatever the file holds by now.
     *
     * @return the SHA-256 in lower-case hexadecimal
     */
    public String sha256() {
        return Hashing.sha256().hashBytes(bytes).toString();
    }
}
