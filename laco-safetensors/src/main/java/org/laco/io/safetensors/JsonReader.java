package org.laco.io.safetensors;

/**
 * Reads JSON (RFC 8259) token by token, so that a name given twice is seen, and keeps nothing of what it has passed.
 *
 * <p>The format needs so little of JSON that whoever reads it needs no library for it.
 */
final class JsonReader {
    /** What comes next. */
    enum Token {
        START_OBJECT,
        END_OBJECT,
        START_LIST,
        END_LIST,
        NAME,
        TEXT,
        NUMBER,
        /** true, false or null. */
        WORD,
        END
    }

    /** How deeply values may be nested. */
    private static final int MAX_DEPTH = 1000;

    private static final String[] WORDS = {"true", "false", "null"};

    /** What Python's json module writes for numbers that JSON lacks. */
    private static final String[] PYTHON_NUMBERS = {"NaN", "Infinity", "-Infinity"};

    private final String json;
    private final boolean python;
    /** Whether the value at each depth is an object. */
    private final boolean[] objects = new boolean[MAX_DEPTH + 1];

    private int depth;
    private int at;
    private Token token;
    private String text;

    private JsonReader(String json, boolean python) {
        this.json = json;
        this.python = python;
    }

    static JsonReader of(String json) {
        return new JsonReader(json, false);
    }

    /** Reads {@code NaN} and infinities too, as Python's json module does. */
    static JsonReader ofPython(String json) {
        return new JsonReader(json, true);
    }

    /** Returns the token that {@link #next} returned last. */
    Token token() {
        return token;
    }

    /** Returns the name, the text without its escapes, or the number or word as it is written. */
    String text() {
        return text;
    }

    Token next() throws JsonException {
        space();
        token = depth == 0 ? afterAll() : token == Token.NAME ? afterName() : withinValue();
        return token;
    }

    private Token afterAll() throws JsonException {
        return at == json.length() ? Token.END : value();
    }

    private Token afterName() throws JsonException {
        expect(':');
        space();
        return value();
    }

    private Token withinValue() throws JsonException {
        boolean object = objects[depth];
        if (peek() == (object ? '}' : ']')) {
            at++;
            depth--;
            return object ? Token.END_OBJECT : Token.END_LIST;
        }
        if (token != Token.START_OBJECT && token != Token.START_LIST) {
            expect(',');
            space();
        }
        if (!object) {
            return value();
        }
        text = string();
        return Token.NAME;
    }

    private Token value() throws JsonException {
        switch (peek()) {
            case '{':
                return begin(true);
            case '[':
                return begin(false);
            case '"':
                text = string();
                return Token.TEXT;
            default:
                return word(WORDS) ? Token.WORD : number();
        }
    }

    private Token begin(boolean object) throws JsonException {
        if (depth == MAX_DEPTH) {
            throw new JsonException(at);
        }
        at++;
        depth++;
        objects[depth] = object;
        return object ? Token.START_OBJECT : Token.START_LIST;
    }

    private boolean word(String... words) {
        for (String word : words) {
            if (json.startsWith(word, at)) {
                text = word;
                at += word.length();
                return true;
            }
        }
        return false;
    }

    private Token number() throws JsonException {
        if (python && word(PYTHON_NUMBERS)) {
            return Token.NUMBER;
        }
        int start = at;
        skip('-');
        if (!skip('0')) {
            digits();
        }
        if (skip('.')) {
            digits();
        }
        if (skip('e') || skip('E')) {
            if (!skip('+')) {
                skip('-');
            }
            digits();
        }
        text = json.substring(start, at);
        return Token.NUMBER;
    }

    private void digits() throws JsonException {
        int start = at;
        while (peek() >= '0' && peek() <= '9') {
            at++;
        }
        if (at == start) {
            throw new JsonException(at);
        }
    }

    private String string() throws JsonException {
        expect('"');
        int start = at;
        while (peek() != '"' && peek() != '\\') {
            character();
        }
        if (peek() == '"') {
            return json.substring(start, at++);
        }
        StringBuilder unescaped = new StringBuilder(json.substring(start, at));
        while (!skip('"')) {
            unescaped.append(skip('\\') ? escaped() : character());
        }
        return unescaped.toString();
    }

    private char character() throws JsonException {
        char character = peek();
        if (character < ' ') {
            throw new JsonException(at);
        }
        at++;
        return character;
    }

    private char escaped() throws JsonException {
        char escape = character();
        return switch (escape) {
            case '"', '\\', '/' -> escape;
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'u' -> (char) (hexadecimal() << 12 | hexadecimal() << 8 | hexadecimal() << 4 | hexadecimal());
            default -> throw new JsonException(at - 1);
        };
    }

    private int hexadecimal() throws JsonException {
        char digit = peek();
        int value = digit < 128 ? Character.digit(digit, 16) : -1;
        if (value < 0) {
            throw new JsonException(at);
        }
        at++;
        return value;
    }

    private void space() {
        while (skip(' ') || skip('\n') || skip('\t') || skip('\r')) {
            // Nothing to be kept.
        }
    }

    private void expect(char expected) throws JsonException {
        if (!skip(expected)) {
            throw new JsonException(at);
        }
    }

    private boolean skip(char character) {
        boolean there = peek() == character;
        if (there) {
            at++;
        }
        return there;
    }

    /** Returns the next character; at the end, one that no JSON has outside of a text and no text has. */
    private char peek() {
        return at < json.length() ? json.charAt(at) : 0;
    }

    /** Passes all of the object or list that has just begun, if one has. */
    void skipValue() throws JsonException {
        if (token == Token.START_OBJECT || token == Token.START_LIST) {
            int outside = depth - 1;
            while (depth > outside) {
                next();
            }
        }
    }

    /** Names the current value in an error message. */
    String shown() {
        return switch (token) {
            case START_OBJECT -> "an object";
            case START_LIST -> "a list";
            case TEXT -> "'" + text + "'";
            default -> text;
        };
    }
}
