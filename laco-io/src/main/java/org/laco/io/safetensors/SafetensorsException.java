package org.laco.io.safetensors;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;

/**
 * Says that a file isn't what the safetensors format allows, or no longer what it was when it was opened.
 *
 * <p>The message names the file, the tensor and the byte range where they are known, and what was expected.
 */
public final class SafetensorsException extends IOException {
    private static final long serialVersionUID = 1;

    private SafetensorsException(String message) {
        super(message);
    }

    /** Puts the file in front of a formatted message. */
    static SafetensorsException in(Path file, String format, Object... arguments) {
        return new SafetensorsException(file + ": " + String.format(Locale.ROOT, format, arguments));
    }

    SafetensorsException causedBy(Throwable cause) {
        initCause(cause);
        return this;
    }
}
