package org.laco.io;

import com.google.common.io.MoreFiles;
import com.google.common.io.RecursiveDeleteOption;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.stream.Stream;

/**
 * A directory that is complete or not there at all: it is filled under another name beside its place, forced to disk, and renamed.
 *
 * <p>A process that is killed leaves at most the temporary directory, whose name starts with a dot and the target's name.
 */
final class AtomicDirectory implements AutoCloseable {
    private final Path target;
    private final Path temporary;
    private final boolean overwrite;
    private boolean committed;

    private AtomicDirectory(Path target, Path temporary, boolean overwrite) {
        this.target = target;
        this.temporary = temporary;
        this.overwrite = overwrite;
    }

    /**
     * Creates the temporary directory.
     *
     * @param target where the directory will be; what is there is replaced only if asked for and only if it is empty or holds a
     *     checkpoint
     * @param source a directory that must stay as it is: the target may be neither it, inside it, nor around it
     */
    static AtomicDirectory begin(Path target, Path source, boolean overwrite) throws IOException {
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
        Path input = source.toRealPath();
        if (real.startsWith(input) || input.startsWith(real)) {
            throw new IOException(target + " overlaps the input " + source + ": choose a directory beside it");
        }
        requireReplaceable(real, target, overwrite);
        try {
            Path temporary = Files.createTempDirectory(real.getParent(), "." + real.getFileName() + ".laco-");
            return new AtomicDirectory(real, temporary, overwrite);
        } catch (FileSystemException e) {
            throw new IOException(real.getParent() + " can't be written: " + reason(e), e);
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
            if (files.findAny().isPresent() && !Files.exists(real.resolve(ConfigFile.NAME))) {
                throw new IOException(target + " holds no checkpoint and is not overwritten");
            }
        }
    }

    private static String reason(FileSystemException e) {
        return e.getReason() == null ? e.getClass().getSimpleName() : e.getReason();
    }

    /** Returns where to write. */
    Path path() {
        return temporary;
    }

    /** Forces everything to disk and puts the directory in its place. */
    void commit() throws IOException {
        try (Stream<Path> files = Files.walk(temporary)) {
            for (Path file : (Iterable<Path>) files::iterator) {
                force(file);
            }
        }
        if (Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
            requireReplaceable(target, target, overwrite);
            Path old = Files.createTempDirectory(target.getParent(), "." + target.getFileName() + ".old-");
            move(target, old.resolve(target.getFileName()));
            move(temporary, target);
            committed = true;
            force(target.getParent());
            delete(old);
        } else {
            move(temporary, target);
            committed = true;
            force(target.getParent());
        }
    }

    private static void move(Path from, Path to) throws IOException {
        try {
            Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
        } catch (AtomicMoveNotSupportedException e) {
            throw new IOException(from + " can't be renamed to " + to + ": " + e.getReason(), e);
        }
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

    private static void delete(Path directory) throws IOException {
        MoreFiles.deleteRecursively(directory, RecursiveDeleteOption.ALLOW_INSECURE);
    }

    /** Removes what was written unless it was committed. */
    @Override
    public void close() throws IOException {
        if (!committed && Files.exists(temporary)) {
            delete(temporary);
        }
    }
}
