package org.laco.io.safetensors;

/** Says where a text ceases to be JSON. */
final class JsonException extends Exception {
    private static final long serialVersionUID = 1;

    private final int position;

    /** Takes the number of characters before the first that can't be. */
    JsonException(int position) {
        super("no JSON at character " + position);
        this.position = position;
    }

    int position() {
        return position;
    }
}
