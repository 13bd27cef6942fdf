package org.laco.io;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A directory that is complete or not there at all: it is filled under another name beside its place, forced to disk, and renamed.
 *
 * <p>A process that is killed leaves at most the temporary directory, whose name starts with a dot and the target's name; the next
 * one that writes to the same place removes it.
 */
final class AtomicDirectory implements AutoCloseable {
    /** What file systems allow, less what the name of a lock adds to the target's. */
    private static final int LONGEST_NAME = 255 - "..laco-01234567.lock".length();

    private final Path target;
    private final WriteLock lock;
    private final boolean overwrite;
    private final Optional<Set<PosixFilePermission>> modeByMask;
    private final Replacement replacement;

    private AtomicDirectory(
            Path target,
            WriteLock lock,
            boolean overwrite,
            Optional<Set<PosixFilePermission>> modeByMask,
            Replacement replacement) {
        this.target = target;
        this.lock = lock;
        this.overwrite = overwrite;
        this.modeByMask = modeByMask;
        this.replacement = replacement;
    }

    /**
     * Creates the temporary directory.
     *
     * @param target where the directory will be; what is there is replaced only if asked for and only if it is empty or holds a
     *     checkpoint
     * @param source a directory or file that must stay as it is: the target may be neither it, inside it, nor around it
     */
    static AtomicDirectory begin(Path target, Optional<Path> source, boolean overwrite) throws IOException {
        return begin(target, source, overwrite, new Replacement());
    }

    static AtomicDirectory begin(Path target, Optional<Path> source, boolean overwrite, Replacement replacement)
            throws IOException {
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
        WriteLock lock;
        try {
            lock = WriteLock.acquire(real);
        } catch (FileSystemException e) {
            throw new IOException(refusal(real, reason(e)), e);
        }
        try {
            AtomicDirectory output =
                    new AtomicDirectory(real, lock, overwrite, createPrivate(lock.temporary()), replacement);
            output.requireRenamable(target);
            return output;
        } catch (IOException | RuntimeException e) {
            lock.release();
            if (e instanceof FileSystemException system) {
                throw new IOException(refusal(real, reason(system)), e);
            }
            throw e;
        }
    }

    private static String refusal(Path real, String reason) {
        int bytes = real.getFileName().toString().getBytes(StandardCharsets.UTF_8).length;
        return bytes > LONGEST_NAME
                ? real + " can't be written: its name has " + bytes + " bytes, expected at most " + LONGEST_NAME
                : real.getParent() + " can't be written: " + reason;
    }

    /** Makes a directory that is the user's alone until it is complete, and returns the mode that the user's mask gives one. */
    private static Optional<Set<PosixFilePermission>> createPrivate(Path directory) throws IOException {
        Files.createDirectory(directory);
        PosixFileAttributeView view = Files.getFileAttributeView(directory, PosixFileAttributeView.class);
        if (view == null) {
            return Optional.empty();
        }
        Set<PosixFilePermission> byMask = view.readAttributes().permissions();
        view.setPermissions(PosixFilePermissions.fromString("rwx------"));
        return Optional.of(byMask);
    }

    /**
     * Finds out whether the target could be renamed away, which a mount point can't, by renaming it to a name where a directory with
     * something in it lies. That fails on every system, but where renaming isn't possible at all it fails for another reason.
     */
    private void requireRenamable(Path named) throws IOException {
        if (!Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        Path full = Files.createDirectory(path().resolve("full"));
        Path within = Files.createDirectory(full.resolve("within"));
        Path free = Files.createDirectory(path().resolve("free"));
        try {
            String possible = failure(free, full);
            String failure = failure(target, full);
            if (!failure.equals(possible)) {
                throw new IOException(named + " can't be replaced: " + failure
                        + "; if it is a mount point, name a directory inside it");
            }
        } finally {
            for (Path made : List.of(within, full, free)) {
                Files.deleteIfExists(made);
            }
        }
    }

    private static String failure(Path from, Path to) throws IOException {
        try {
            WriteLock.move(from, to);
        } catch (FileSystemException e) {
            return reason(e);
        } catch (IOException e) {
            return String.valueOf(e.getMessage());
        }
        throw new IOException(from + " was renamed to " + to + ", a directory that is not empty");
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
        if (Files.isSymbolicLink(real)) {
            throw new IOException(target + " is a link, which is not overwritten: name what it leads to, "
                    + Files.readSymbolicLink(real));
        }
        if (!Files.isDirectory(real, LinkOption.NOFOLLOW_LINKS)) {
            throw new IOException(target + " is not a directory and is not overwritten");
        }
        Optional<String> objection = ReplaceableDirectory.objection(real);
        if (objection.isPresent()) {
            throw new IOException(target + " " + objection.get() + " and is not overwritten");
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
        commit(Optional.empty());
    }

    /** Puts the directory in its place, no more open to others than the original was. */
    void commit(FileModes modes) throws IOException {
        commit(Optional.of(modes));
    }

    private void commit(Optional<FileModes> modes) throws IOException {
        if (modes.isPresent()) {
            modes.get().restrictFilesOf(path());
        }
        try (Stream<Path> files = Files.walk(path())) {
            for (Path file : (Iterable<Path>) files::iterator) {
                force(file);
            }
        }
        // Before anything is renamed: there must be nothing left to do between two renames.
        if (modeByMask.isPresent()) {
            Set<PosixFilePermission> mode = modeByMask.get();
            Files.setPosixFilePermissions(
                    path(), modes.map(original -> original.directory(mode)).orElse(mode));
        }
        if (Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
            requireReplaceable(target, target, overwrite);
            replacement.replace(target, path(), lock.replaced());
        } else {
            replacement.move(path(), target);
        }
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
