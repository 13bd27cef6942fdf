package org.laco.io;

import com.google.common.io.MoreFiles;
import com.google.common.io.RecursiveDeleteOption;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.laco.io.ProcessLock.Outcome;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The files beside a target while one process writes it: {@code .NAME.laco-ID.lock}, which that process keeps locked, {@code
 * .NAME.laco-ID} with what it writes, and {@code .NAME.laco-ID.old} with what the target held before.
 *
 * <p>The system gives up a lock when its process ends however it ends. So a file that can be locked belongs to a process that was
 * killed, and what lies beside it can be removed, or put back if the target is missing.
 *
 * <p>The system also gives up a lock when its process closes another descriptor of the same file. So what this process has locked, or
 * is about to, is never opened a second time.
 */
final class WriteLock {
    private static final Logger LOGGER = LoggerFactory.getLogger(WriteLock.class);
    private static final String LOCK = ".lock";
    private static final String OLD = ".old";
    private static final Pattern ID = Pattern.compile("[0-9a-f]{1,8}");

    /** The lock files that some thread of this process has to do with: locks belong to processes, and so must this. */
    private static final Set<Path> OWN = ConcurrentHashMap.newKeySet();

    private final Path target;
    private final Path file;
    private final FileChannel channel;

    private WriteLock(Path target, Path file, FileChannel channel) {
        this.target = target;
        this.file = file;
        this.channel = channel;
    }

    /** Creates and locks a file whose name nobody else has. */
    static WriteLock acquire(Path target) throws IOException {
        while (true) {
            String id = Integer.toHexString(ThreadLocalRandom.current().nextInt());
            Path file = target.resolveSibling(prefix(target) + id + LOCK);
            if (OWN.add(file)) {
                boolean acquired = false;
                try {
                    FileChannel channel = create(file);
                    acquired = channel != null;
                    if (acquired) {
                        return new WriteLock(target, file, channel);
                    }
                } finally {
                    if (!acquired) {
                        OWN.remove(file);
                    }
                }
            }
        }
    }

    /** Returns null where the file is another process's, or was taken for an abandoned one by it before it was locked. */
    private static FileChannel create(Path file) throws IOException {
        FileChannel channel;
        try {
            channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        } catch (FileAlreadyExistsException e) {
            return null;
        }
        if (ProcessLock.tryLock(channel) != Outcome.TAKEN && Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            return channel;
        }
        channel.close();
        return null;
    }

    private static String prefix(Path target) {
        return "." + target.getFileName() + ".laco-";
    }

    /** Cleans up after processes that were killed while they wrote a target. */
    static void removeAbandoned(Path target) throws IOException {
        try (DirectoryStream<Path> siblings =
                Files.newDirectoryStream(target.getParent(), sibling -> isOf(target, sibling, LOCK))) {
            for (Path file : siblings) {
                if (OWN.add(file)) {
                    try {
                        removeIfAbandoned(target, file);
                    } finally {
                        OWN.remove(file);
                    }
                }
            }
        }
    }

    /** Returns whether a file belongs to this very target: what stands between its name and the ending has to be an id. */
    private static boolean isOf(Path target, Path sibling, String ending) {
        String name = sibling.getFileName().toString();
        String prefix = prefix(target);
        return name.length() > prefix.length() + ending.length()
                && name.startsWith(prefix)
                && name.endsWith(ending)
                && ID.matcher(name.substring(prefix.length(), name.length() - ending.length()))
                        .matches();
    }

    /**
     * Returns what a missing target held before a process that was replacing it was killed, or what another process is just replacing.
     * Nothing is changed.
     */
    static Optional<Path> movedAside(Path target) {
        Path absolute = target.toAbsolutePath().normalize();
        if (absolute.getFileName() == null || Files.exists(absolute, LinkOption.NOFOLLOW_LINKS)) {
            return Optional.empty();
        }
        try (Stream<Path> siblings = Files.list(absolute.getParent())) {
            return siblings.filter(sibling -> isOf(absolute, sibling, OLD) && Files.isDirectory(sibling))
                    .sorted()
                    .findFirst();
        } catch (IOException | UncheckedIOException e) {
            LOGGER.debug("not listed", e);
            return Optional.empty();
        }
    }

    private static void removeIfAbandoned(Path target, Path file) throws IOException {
        // Opening a named pipe would wait for whoever reads it.
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            LOGGER.debug("{} is not a file of laco's", file);
            return;
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS)) {
            // Whoever had locked it may have removed it since it was listed.
            if (ProcessLock.tryLock(channel) == Outcome.LOCKED && Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
                new WriteLock(target, file, channel).clear();
                LOGGER.warn("removed what a killed process had left beside {}", target);
            }
        } catch (FileSystemException e) {
            // Removed since, or another user's: neither keeps anybody from writing under another name.
            LOGGER.debug("not removed", e);
        }
    }

    /** Where the new content is written; it need not exist. */
    Path temporary() {
        String name = file.getFileName().toString();
        return file.resolveSibling(name.substring(0, name.length() - LOCK.length()));
    }

    /** Where the old content is put. */
    Path replaced() {
        return temporary().resolveSibling(temporary().getFileName() + OLD);
    }

    /** Removes everything but the target, which gets its old content back if it has none. */
    void release() throws IOException {
        try (channel) {
            clear();
        } finally {
            OWN.remove(file);
        }
    }

    private void clear() throws IOException {
        if (Files.exists(replaced(), LinkOption.NOFOLLOW_LINKS) && !Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
            move(replaced(), target);
        }
        delete(replaced());
        delete(temporary());
        Files.deleteIfExists(file);
    }

    private static void delete(Path directory) throws IOException {
        if (Files.exists(directory, LinkOption.NOFOLLOW_LINKS)) {
            MoreFiles.deleteRecursively(directory, RecursiveDeleteOption.ALLOW_INSECURE);
        }
    }

    /** Renames a directory. */
    static void move(Path from, Path to) throws IOException {
        try {
            Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
        } catch (AtomicMoveNotSupportedException e) {
            throw new IOException(from + " can't be renamed to " + to + ": " + e.getReason(), e);
        }
    }
}
