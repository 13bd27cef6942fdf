package org.laco.io.safetensors;

import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import com.google.common.util.concurrent.Uninterruptibles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * A thread that follows the writer of a file: it forces to disk what has been written so far, so that the disk works meanwhile and
 * little is left to wait for in the end, and computes the file's SHA-256 if that is wanted.
 *
 * <p>To hash, it reads what the writer has just left in the system's cache, so that neither waits for the other, and so that what is
 * hashed is what is in the file.
 */
final class WriteFollower implements AutoCloseable {
    /** Bytes that are read at once: with their copies they stay in a core's cache. */
    private static final int BLOCK = 1 << 16;

    /** Bytes between one forcing and the next: enough for any disk to work at its full rate, and soon done. */
    private static final long FORCED = 1L << 27;

    private final Path path;
    private final boolean hashing;
    private final FutureTask<Optional<String>> hash = new FutureTask<>(this::follow);
    private final Thread thread = new Thread(hash, "laco-write-follower");
    private long written;
    private boolean ended;
    private boolean abandoned;

    private WriteFollower(Path path, boolean hashing) {
        this.path = path;
        this.hashing = hashing;
    }

    /** Begins with a file that exists and is empty. */
    static WriteFollower of(Path path, boolean hashing) {
        WriteFollower follower = new WriteFollower(path, hashing);
        follower.thread.setDaemon(true);
        follower.thread.start();
        return follower;
    }

    /** Returns how many bytes the file has now. */
    synchronized void advanceTo(long bytes) {
        written = bytes;
        notifyAll();
    }

    /** Ends the file where it is and returns its hash in lower-case hexadecimal, if one is wanted. */
    Optional<String> finish() throws IOException {
        end(false);
        try {
            return Uninterruptibles.getUninterruptibly(hash);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException) {
                throw new IOException(
                        path + " can't be read and forced to disk while it is written: "
                                + e.getCause().getMessage(),
                        e);
            }
            throw new IllegalStateException(path + " was not followed", e);
        }
    }

    private Optional<String> follow() throws IOException {
        Hasher hasher = Hashing.sha256().newHasher();
        ByteBuffer block = ByteBuffer.allocate(BLOCK);
        // Some systems force a file only where it may be written.
        try (FileChannel file = FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            long at = 0;
            long forced = 0;
            for (long end = more(at); end > at; end = more(at)) {
                if (hashing) {
                    block.clear().limit((int) Math.min(BLOCK, end - at));
                    if (file.read(block, at) < 0) {
                        throw new IOException("it was cut to " + file.size() + " bytes");
                    }
                    at += block.position();
                    hasher.putBytes(block.flip());
                } else {
                    at = end;
                }
                if (at - forced >= FORCED) {
                    file.force(false);
                    forced = at;
                }
            }
        }
        return hashing ? Optional.of(hasher.hash().toString()) : Optional.empty();
    }

    /** Waits until the file is longer, or ended, and returns its length; the same length if nobody wants the file any more. */
    private synchronized long more(long than) throws IOException {
        while (written <= than && !ended) {
            try {
                wait();
            } catch (InterruptedException e) {
                throw new IOException("interrupted", e);
            }
        }
        return abandoned ? than : written;
    }

    private synchronized void end(boolean early) {
        ended = true;
        abandoned = early;
        notifyAll();
    }

    /** Ends the thread, and with it the use of a file that is perhaps to be deleted. */
    @Override
    public void close() {
        end(true);
        Uninterruptibles.joinUninterruptibly(thread);
    }
}
