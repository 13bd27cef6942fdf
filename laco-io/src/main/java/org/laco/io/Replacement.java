package org.laco.io;

import java.io.IOException;
import java.nio.file.Path;

/**
 * Puts a directory in the place of another.
 *
 * <p>Where the system can exchange two names there is a complete directory at each moment. Elsewhere it takes two renames, with
 * nothing between them; a process that is killed just there leaves no target, and its content aside.
 */
class Replacement {
    /**
     * Replaces a directory.
     *
     * @param aside where the target's content goes if it doesn't go to the other's name; nothing may be there
     */
    final void replace(Path target, Path by, Path aside) throws IOException {
        if (!exchange(by, target)) {
            move(target, aside);
            move(by, target);
        }
    }

    /** Returns whether the two were exchanged; nothing was changed if not. */
    boolean exchange(Path one, Path other) {
        return DirectoryExchange.exchange(one, other);
    }

    /** Renames a directory. */
    void move(Path from, Path to) throws IOException {
        WriteLock.move(from, to);
    }
}
