package org.laco.io;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Goes through a JSON object byte by byte and says where the values of its keys are.
 *
 * <p>As strict as RFC 8259, and stricter where readers differ: no number beyond double precision, no half of a surrogate pair, no value
 * nested beyond a bound. It keeps nothing, so that a vocabulary of any size takes no memory and little time.
 */
final class JsonScan {
    /** The bytes of a value. */
    record Range(int start, int end) {}

    private static final int LONGEST_NUMBER = 1_000;

    /** A number of so few characters without an exponent is finite. */
    private static final int PLAIN_NUMBER = 300;

    private final byte[] bytes;
    private final Path file;
    private final int maxDepth;
    private final int maxString;
    private int at;

    private JsonScan(byte[] bytes, Path file, int maxDepth, int maxString) {
        this.bytes = bytes;
        this.file = file;
        this.maxDepth = maxDepth;
        this.maxString = maxString;
    }

    /**
     * Scans a file.
     *
     * @param bytes the content, in UTF-8
     * @param file what errors name
     * @param maxDepth how deeply values may be nested
     * @param maxString the longest text in bytes
     * @return the values of the object by their keys
     */
    static Map<String, Range> object(byte[] bytes, Path file, int maxDepth, int maxString) throws IOException {
        return new JsonScan(bytes, file, maxDepth, maxString).object();
    }

    private Map<String, Range> object() throws IOException {
        Map<String, Range> values = new LinkedHashMap<>();
        space();
        expect('{', "an object");
        space();
        if (peek() == '}') {
            at++;
        } else {
            do {
                space();
                int start = at;
                string();
                String key = new String(bytes, start + 1, at - start - 2, StandardCharsets.UTF_8);
                space();
                expect(':', "a colon");
                space();
                int value = at;
                value(1);
                if (key.indexOf('\\') >= 0 || values.put(key, new Range(value, at)) != null) {
                    throw error("the key '" + key + "' is there twice, or has an escape in it");
                }
                space();
            } while (more('}'));
        }
        space();
        if (at < bytes.length) {
            throw error("expected the end of the file");
        }
        return values;
    }

    private void value(int depth) throws IOException {
        if (depth > maxDepth) {
            throw error("values are nested more than " + maxDepth + " deep");
        }
        switch (peek()) {
            case '{' -> members(depth);
            case '[' -> elements(depth);
            case '"' -> string();
            case 't' -> literal("true");
            case 'f' -> literal("false");
            case 'n' -> literal("null");
            default -> number();
        }
    }

    private void members(int depth) throws IOException {
        at++;
        space();
        if (peek() == '}') {
            at++;
            return;
        }
        do {
            space();
            string();
            space();
            expect(':', "a colon");
            space();
            value(depth + 1);
            space();
        } while (more('}'));
    }

    private void elements(int depth) throws IOException {
        at++;
        space();
        if (peek() == ']') {
            at++;
            return;
        }
        do {
            space();
            value(depth + 1);
            space();
        } while (more(']'));
    }

    /** Goes beyond a comma, or the end. */
    private boolean more(char end) throws IOException {
        if (peek() == ',') {
            at++;
            return true;
        }
        expect(end, "a comma or '" + end + "'");
        return false;
    }

    private void string() throws IOException {
        expect('"', "a text in quotes");
        int start = at;
        skipPlain();
        while (peek() != '"') {
            if (peek() != '\\') {
                throw error(at >= bytes.length ? "a text has no end" : "a text has a control character in it");
            }
            at++;
            escape();
            skipPlain();
        }
        if (at - start > maxString) {
            throw error("a text has " + (at - start) + " bytes, expected at most " + maxString);
        }
        at++;
    }

    /** Most of a vocabulary is gone through here. */
    private void skipPlain() {
        byte[] content = bytes;
        int end = content.length;
        int i = at;
        while (i < end) {
            byte c = content[i];
            if (c == '"' || c == '\\' || c >= 0 && c < ' ') {
                break;
            }
            i++;
        }
        at = i;
    }

    private void escape() throws IOException {
        int c = peek();
        at++;
        if (c == 'u') {
            int unit = unit();
            if (Character.isHighSurrogate((char) unit)) {
                if (peek() == '\\') {
                    at++;
                    if (peek() == 'u') {
                        at++;
                        if (Character.isLowSurrogate((char) unit())) {
                            return;
                        }
                    }
                }
                throw error("a text has half of a surrogate pair in it");
            }
            if (Character.isLowSurrogate((char) unit)) {
                throw error("a text has half of a surrogate pair in it");
            }
        } else if ("\"\\/bfnrt".indexOf(c) < 0) {
            throw error("a text has an escape that JSON doesn't know");
        }
    }

    private int unit() throws IOException {
        int unit = 0;
        for (int i = 0; i < 4; i++, at++) {
            int digit = Character.digit(peek(), 16);
            if (digit < 0) {
                throw error("a text has an escape that JSON doesn't know");
            }
            unit = unit * 16 + digit;
        }
        return unit;
    }

    private void number() throws IOException {
        int start = at;
        if (peek() == '-') {
            at++;
        }
        int first = at;
        int digits = digits();
        boolean plain = true;
        if (digits == 0 || digits > 1 && bytes[first] == '0') {
            at = start;
            throw error("expected a JSON value");
        }
        if (peek() == '.') {
            at++;
            if (digits() == 0) {
                throw error("a number has no digits after its point");
            }
        }
        if (peek() == 'e' || peek() == 'E') {
            plain = false;
            at++;
            if (peek() == '+' || peek() == '-') {
                at++;
            }
            if (digits() == 0) {
                throw error("a number has no digits in its exponent");
            }
        }
        if (!plain || at - start > PLAIN_NUMBER) {
            requireFinite(start);
        }
    }

    private void requireFinite(int start) throws IOException {
        boolean finite = at - start <= LONGEST_NUMBER
                && Double.isFinite(Double.parseDouble(new String(bytes, start, at - start, StandardCharsets.US_ASCII)));
        if (!finite) {
            at = start;
            throw error("a number is too large");
        }
    }

    private int digits() {
        int start = at;
        while (peek() >= '0' && peek() <= '9') {
            at++;
        }
        return at - start;
    }

    private void literal(String text) throws IOException {
        for (int i = 0; i < text.length(); i++) {
            if (at + i >= bytes.length || bytes[at + i] != text.charAt(i)) {
                throw error("expected a JSON value");
            }
        }
        at += text.length();
    }

    private void space() {
        int c = peek();
        while (c == ' ' || c == '\n' || c == '\r' || c == '\t') {
            at++;
            c = peek();
        }
    }

    /** Returns the byte here, as it is signed, and 0 at the end. */
    private int peek() {
        return at < bytes.length ? bytes[at] : 0;
    }

    private void expect(char c, String what) throws IOException {
        if (peek() != c) {
            throw error("expected " + what);
        }
        at++;
    }

    private IOException error(String problem) {
        int line = 1;
        int lineStart = 0;
        for (int i = 0; i < Math.min(at, bytes.length); i++) {
            if (bytes[i] == '\n') {
                line++;
                lineStart = i + 1;
            }
        }
        return new IOException(
                file + ": not valid JSON, line " + line + ", column " + (at - lineStart + 1) + ": " + problem);
    }
}
