package org.laco.output;

import com.google.common.collect.ImmutableMap;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A directory for tables, plots and points, which may hold other files.
 *
 * <p>Closed before anything was written, it removes what was made for it.
 */
public final class OutputDirectory implements AutoCloseable {
    /** More than tables and plots take: what doesn't fit is to be known before a search, not after it. */
    private static final long ROOM = 1_000_000;

    private final Path directory;
    private final List<Path> made;

    private OutputDirectory(Path directory, List<Path> made) {
        this.directory = directory;
        this.made = made;
    }

    /**
     * Makes a directory, unless it is there, and sees that it can be written to.
     *
     * @param directory where files will be
     * @param source a directory or file of which nothing may be written to
     * @return the directory, to be closed
     * @throws IOException if it is the source or inside it, can't be made or written to, or its disk is full; the message names it
     */
    public static OutputDirectory open(Path directory, Path source) throws IOException {
        Path absolute = directory.toAbsolutePath().normalize();
        requireOutside(absolute, directory, source);
        OutputDirectory opened = new OutputDirectory(directory, make(absolute, directory));
        try {
            opened.requireRoom();
            return opened;
        } catch (IOException e) {
            opened.close();
            throw e;
        }
    }

    private static void requireOutside(Path absolute, Path directory, Path source) throws IOException {
        Path input = source.toRealPath();
        Path existing = absolute;
        while (!Files.exists(existing) && existing.getParent() != null) {
            existing = existing.getParent();
        }
        if (existing.toRealPath().resolve(existing.relativize(absolute)).startsWith(input)) {
            throw new IOException(directory + " overlaps the input " + source + ": choose a directory beside it");
        }
    }

    /** Returns the directories that weren't there, the outermost first. */
    private static List<Path> make(Path absolute, Path directory) throws IOException {
        List<Path> missing = new ArrayList<>();
        for (Path path = absolute; path != null && !Files.exists(path); path = path.getParent()) {
            missing.add(0, path);
        }
        try {
            Files.createDirectories(absolute);
        } catch (FileSystemException e) {
            throw new IOException(directory + " can't be made: " + reason(e), e);
        }
        return missing;
    }

    private void requireRoom() throws IOException {
        Path probe = directory.resolve(temporaryName());
        try {
            Files.createFile(probe);
            Files.delete(probe);
        } catch (FileSystemException e) {
            throw new IOException(directory + " can't be written to: " + reason(e), e);
        }
        long free = Files.getFileStore(directory).getUsableSpace();
        if (free < ROOM) {
            throw new IOException(String.format(
                    Locale.ROOT,
                    "%s can't be written to: its disk has %,d bytes free, expected at least %,d",
                    directory,
                    free,
                    ROOM));
        }
    }

    private static String reason(FileSystemException e) {
        return e.getReason() == null
                ? Files.isWritable(Path.of(e.getFile())) ? "no such directory" : "permission denied"
                : e.getReason();
    }

    /**
     * Writes files of which each is complete or, if there was none before, not there.
     *
     * @param files the contents by the files' names
     * @throws IOException if one can't be written, and none is then; the message names it
     */
    public void write(Map<String, byte[]> files) throws IOException {
        writeAll(directory, files);
    }

    /**
     * Writes a file that is complete or, if there was none before, not there.
     *
     * @param file the file, in an existing directory
     * @param content what will be in it
     * @throws IOException if it can't be written; the message names it
     */
    public static void write(Path file, byte[] content) throws IOException {
        writeAll(
                file.toAbsolutePath().getParent(),
                ImmutableMap.of(file.getFileName().toString(), content));
    }

    private static void writeAll(Path directory, Map<String, byte[]> files) throws IOException {
        Map<Path, Path> complete = new LinkedHashMap<>();
        try {
            for (Map.Entry<String, byte[]> file : files.entrySet()) {
                Path place = directory.resolve(file.getKey());
                if (Files.isDirectory(place)) {
                    throw new IOException(place + " can't be written: it is a directory");
                }
                Path temporary = directory.resolve(temporaryName());
                complete.put(temporary, place);
                writeNew(temporary, place, file.getValue());
            }
            for (Map.Entry<Path, Path> file : complete.entrySet()) {
                Files.move(
                        file.getKey(),
                        file.getValue(),
                        StandardCopyOption.ATOMIC_MOVE,
                        StandardCopyOption.REPLACE_EXISTING);
            }
        } finally {
            for (Path temporary : complete.keySet()) {
                Files.deleteIfExists(temporary);
            }
        }
    }

    /** Unlike a temporary file of the JDK's, one made like this may be read by whom the user's mask says. */
    private static void writeNew(Path temporary, Path place, byte[] content) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(content);
        try (FileChannel channel =
                FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        } catch (FileSystemException e) {
            throw new IOException(place + " can't be written: " + reason(e), e);
        } catch (IOException e) {
            throw new IOException(place + " can't be written: " + e.getMessage(), e);
        }
    }

    private static String temporaryName() {
        return ".laco-" + Long.toHexString(ThreadLocalRandom.current().nextLong()) + ".tmp";
    }

    /** Removes the directories that were made and have nothing in them. */
    @Override
    public void close() throws IOException {
        for (int i = made.size() - 1; i >= 0; i--) {
            try {
                if (Files.isDirectory(made.get(i), LinkOption.NOFOLLOW_LINKS)) {
                    Files.delete(made.get(i));
                }
            } catch (DirectoryNotEmptyException e) {
                return;
            }
        }
    }
}
