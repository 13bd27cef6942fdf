package org.laco.io;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Locks files against other processes. The system gives a lock up when its process ends however it ends. */
final class ProcessLock {
    private static final Logger LOGGER = LoggerFactory.getLogger(ProcessLock.class);

    private ProcessLock() {}

    /** What became of an attempt. */
    enum Outcome {
        LOCKED,
        /** Another process has the file, or another part of this one. */
        TAKEN,
        /** The file system knows no locks. */
        UNKNOWN,
    }

    /** Locks a file until its channel is closed, without waiting. */
    static Outcome tryLock(FileChannel channel) {
        try {
            return channel.tryLock() == null ? Outcome.TAKEN : Outcome.LOCKED;
        } catch (OverlappingFileLockException e) {
            return Outcome.TAKEN;
        } catch (IOException e) {
            LOGGER.debug("not locked", e);
            return Outcome.UNKNOWN;
        }
    }
}
