package org.laco.io;

/** A journal is of another search than the one that wants to go on with it. */
public final class JournalMismatchException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    JournalMismatchException(String message) {
        super(message);
    }
}
