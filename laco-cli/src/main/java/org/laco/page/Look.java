package org.laco.page;

import com.google.common.io.Resources;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** The style sheet and the script that are put into pages. */
final class Look {
    private Look() {}

    /** Returns the style sheet of pages and pictures. */
    static String style() {
        return read("page.css");
    }

    /** Returns the script of pages, without which they show the same and can't be changed. */
    static String script() {
        return read("page.js");
    }

    private static String read(String name) {
        try {
            return Resources.toString(Resources.getResource(Look.class, name), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
