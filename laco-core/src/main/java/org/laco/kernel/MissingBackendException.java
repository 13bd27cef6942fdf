package org.laco.kernel;

/** The backend of ND4J, which a build has to choose, isn't on the class path, or its native libraries aren't. */
public final class MissingBackendException extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    MissingBackendException(String message, Throwable cause) {
        super(message, cause);
    }
}
