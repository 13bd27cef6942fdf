package org.laco.io.safetensors;

import com.google.common.base.Utf8;

/** Texts as JSON has them, escaped as the reference implementation escapes them. */
final class JsonText {
    private static final String ESCAPED = "\"\\\b\f\n\r\t";
    private static final String ESCAPES = "\"\\bfnrt";

    private JsonText() {}

    /** Returns a text in quotes. */
    static String quoted(String text) {
        StringBuilder json = new StringBuilder(text.length() + 2).append('"');
        for (int i = 0; i < text.length(); i++) {
            char character = text.charAt(i);
            int escape = ESCAPED.indexOf(character);
            if (escape >= 0) {
                json.append('\\').append(ESCAPES.charAt(escape));
            } else if (character < ' ') {
                json.append(String.format("\\u%04x", (int) character));
            } else {
                json.append(character);
            }
        }
        return json.append('"').toString();
    }

    /** Returns whether a text can be encoded: JSON's escapes can spell half of a surrogate pair. */
    static boolean isUnicode(String text) {
        try {
            Utf8.encodedLength(text);
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
