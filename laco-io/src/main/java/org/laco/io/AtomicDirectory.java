package org.laco.io;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A directory that is complete or not there at all: it is filled under another name beside its place, forced to disk, and renamed.
 *
 * <p>A process that is killed leaves at most the temporary directory, whose name starts with a dot and the target's name; the next
 * one that writes to the same place removes it.
 */
final class AtomicDirectory implements AutoCloseable {
    private final Path target;
    private final WriteLock lock;
    private final boolean overwrite;

    private AtomicDirectory(Path target, WriteLock lock, boolean overwrite) {
        this.target = target;
        this.lock = lock;
        this.overwrite = overwrite;
    }

    /**
     * Creates the temporary directory.
     *
     * @param target where the directory will be; what is there is replaced only if asked for and only if it is empty or holds a
     *     checkpoint
     * @param source a directory or file that must stay as it is: the target may be neither it, inside it, nor around it
     */
    static AtomicDirectory begin(Path target, Optional<Path> source, boolean overwrite) throws IOException {
        Path absolute = target.toAbsolutePath().normalize();
        if (absolute.getFileName() == null) {
            throw new IOException(target + " can't be written: it is the root of a file system");
        }
        Path parent = absolute.getParent();
        try {
            Files.createDirectories(parent);
        } catch (FileSystemException e) {
            throw new IOException(parent + " can't be created: " + reason(e), e);
        }
        Path real = parent.toRealPath().resolve(absolute.getFileName());
        if (source.isPresent()) {
            requireApart(real, target, source.get());
        }
        WriteLock.removeAbandoned(real);
        requireReplaceable(real, target, overwrite);
        try {
            WriteLock lock = WriteLock.acquire(real);
            // Unlike a temporary directory of the JDK's, one made like this may be read by whom the user's mask says.
            Files.createDirectory(lock.temporary());
            return new AtomicDirectory(real, lock, overwrite);
        } catch (FileSystemException e) {
            throw new IOException(real.getParent() + " can't be written: " + reason(e), e);
        }
    }

    private static void requireApart(Path real, Path target, Path source) throws IOException {
        Path input = source.toRealPath();
        if (real.startsWith(input) || input.startsWith(real)) {
            throw new IOException(target + " overlaps the input " + source + ": choose a directory beside it");
        }
    }

    private static void requireReplaceable(Path real, Path target, boolean overwrite) throws IOException {
        if (!Files.exists(real, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        if (!overwrite) {
            throw new IOException(target + " exists already and is not overwritten unless that is asked for");
        }
        if (!Files.isDirectory(real, LinkOption.NOFOLLOW_LINKS)) {
            throw new IOException(target + " is not a directory and is not overwritten");
        }
        try (Stream<Path> files = Files.list(real)) {
            if (files.findAny().isPresent() && !Checkpoints.mayReplace(real)) {
                throw new IOException(target + " holds no checkpoint and is not overwritten");
            }
        }
    }

    private static String reason(FileSystemException e) {
        return e.getReason() == null ? e.getClass().getSimpleName() : e.getReason();
    }

    /** Returns where to write. */
    Path path() {
        return lock.temporary();
    }

    /** Forces everything to disk and puts the directory in its place. */
    void commit() throws IOException {
        try (Stream<Path> files = Files.walk(path())) {
            for (Path file : (Iterable<Path>) files::iterator) {
                force(file);
            }
        }
        if (Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
            requireReplaceable(target, target, overwrite);
            WriteLock.move(target, lock.replaced());
        }
        WriteLock.move(path(), target);
        force(target.getParent());
    }

    private static void force(Path file) throws IOException {
        // Directories can be forced where they can be opened, which is everywhere but on Windows.
        if (Files.isDirectory(file) && System.getProperty("os.name").startsWith("Windows")) {
            return;
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    /** Removes what was written unless it was committed, and what it has replaced if it was. */
    @Override
    public void close() throws IOException {
        lock.release();
    }
}
