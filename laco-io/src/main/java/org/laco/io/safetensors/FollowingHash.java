package org.laco.io.safetensors;

import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import com.google.common.util.concurrent.Uninterruptibles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * The SHA-256 of a file that is being written, computed by a thread that reads behind the writer.
 *
 * <p>It reads what the writer has just left in the system's cache, so that neither waits for the other, and so that what is hashed is
 * what is in the file.
 */
final class FollowingHash implements AutoCloseable {
    private static final int BLOCK = 1 << 20;

    private final Path path;
    private final FutureTask<String> hash = new FutureTask<>(this::hash);
    private final Thread thread = new Thread(hash, "laco-hash");
    private long written;
    private boolean ended;
    private boolean abandoned;

    private FollowingHash(Path path) {
        this.path = path;
    }

    /** Begins with a file that exists and is empty. */
    static FollowingHash of(Path path) {
        FollowingHash following = new FollowingHash(path);
        following.thread.setDaemon(true);
        following.thread.start();
        return following;
    }

    /** Tells how many bytes the file has now. */
    synchronized void advanceTo(long bytes) {
        written = bytes;
        notifyAll();
    }

    /** Ends the file where it is and returns its hash in lower-case hexadecimal. */
    String finish() throws IOException {
        end(false);
        try {
            return Uninterruptibles.getUninterruptibly(hash);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException) {
                throw new IOException(
                        path + " can't be read while it is written: "
                                + e.getCause().getMessage(),
                        e);
            }
            throw new IllegalStateException(path + " was not hashed", e);
        }
    }

    private String hash() throws IOException {
        Hasher hasher = Hashing.sha256().newHasher();
        ByteBuffer block = ByteBuffer.allocate(BLOCK);
        try (FileChannel file = FileChannel.open(path, StandardOpenOption.READ)) {
            long at = 0;
            for (long end = more(at); end > at; end = more(at)) {
                block.clear().limit((int) Math.min(BLOCK, end - at));
                if (file.read(block, at) < 0) {
                    throw new IOException("it was cut to " + file.size() + " bytes");
                }
                at += block.position();
                hasher.putBytes(block.flip());
            }
        }
        return hasher.hash().toString();
    }

    /** Waits until the file is longer, or ended, and returns its length; the same length if nobody wants the hash any more. */
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

    /** Ends the thread, and with it the reading of a file that is perhaps to be deleted. */
    @Override
    public void close() {
        end(true);
        Uninterruptibles.joinUninterruptibly(thread);
    }
}
