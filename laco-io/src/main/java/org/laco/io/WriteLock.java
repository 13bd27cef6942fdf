package org.laco.io;

import com.google.common.io.MoreFiles;
import com.google.common.io.RecursiveDeleteOption;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.ThreadLocalRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The files beside a target while one process writes it: {@code .NAME.laco-ID.lock}, which that process keeps locked, {@code
 * .NAME.laco-ID} with what it writes, and {@code .NAME.laco-ID.old} with what the target held before.
 *
 * <p>The system gives up a lock when its process ends however it ends. So a file that can be locked belongs to a process that was
 * killed, and what lies beside it can be removed, or put back if the target is missing.
 */
final class WriteLock {
    private static final Logger LOGGER = LoggerFactory.getLogger(WriteLock.class);
    private static final String LOCK = ".lock";

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
            FileChannel channel;
            try {
                channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
            } catch (FileAlreadyExistsException e) {
                continue;
            }
            boolean locked = tryLock(channel) != null;
            // Another process may have taken the file for an abandoned one before it was locked.
            if (Files.exists(file) || !locked) {
                return new WriteLock(target, file, channel);
            }
            channel.close();
        }
    }

    private static String prefix(Path target) {
        return "." + target.getFileName() + ".laco-";
    }

    /** Returns null where another process, or this one, holds the lock, or the file system knows no locks. */
    private static FileLock tryLock(FileChannel channel) {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException | IOException e) {
            LOGGER.debug("not locked", e);
            return null;
        }
    }

    /** Cleans up after processes that were killed while they wrote a target. */
    static void removeAbandoned(Path target) throws IOException {
        try (DirectoryStream<Path> siblings = Files.newDirectoryStream(
                target.getParent(),
                sibling -> sibling.getFileName().toString().startsWith(prefix(target))
                        && sibling.getFileName().toString().endsWith(LOCK))) {
            for (Path file : siblings) {
                try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                    if (tryLock(channel) != null) {
                        new WriteLock(target, file, channel).release();
                        LOGGER.warn("removed what a killed process had left beside {}", target);
                    }
                }
            }
        }
    }

    /** Where the new content is written; it need not exist. */
    Path temporary() {
        String name = file.getFileName().toString();
        return file.resolveSibling(name.substring(0, name.length() - LOCK.length()));
    }

    /** Where the old content is put. */
    Path replaced() {
        return temporary().resolveSibling(temporary().getFileName() + ".old");
    }

    /** Removes everything but the target, which gets its old content back if it has none. */
    void release() throws IOException {
        try (channel) {
            if (Files.exists(replaced()) && !Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
                move(replaced(), target);
            }
            delete(replaced());
            delete(temporary());
            Files.deleteIfExists(file);
        }
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
