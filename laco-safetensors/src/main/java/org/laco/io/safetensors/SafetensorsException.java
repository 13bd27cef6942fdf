package org.laco.io.safetensors;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;

/**
 * Says that a file isn't what the safetensors format allows, or no longer what it was when it was opened.
 *
 * <p>The message names the file, the tensor and the byte range where they are known, and what was expected.
 */
public final class SafetensorsException extends IOException {
    private static final long serialVersionUID = 1;

    /** As much of a name as a message shows. */
    private static final int SHOWN = 250;

    private SafetensorsException(String message) {
        super(message);
    }

    /** Puts the file in front of a formatted message; of long names only the beginning is shown. */
    static SafetensorsException in(Path file, String format, Object... arguments) {
        Object[] shown =
                Arrays.stream(arguments).map(SafetensorsException::shown).toArray();
        return new SafetensorsException(file + ": " + String.format(Locale.ROOT, format, shown));
    }

    private static Object shown(Object argument) {
        if (argument instanceof Number) {
            return argument;
        }
        String text = String.valueOf(argument);
        return text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "…";
    }

    SafetensorsException causedBy(Throwable cause) {
        initCause(cause);
        return this;
    }
}
