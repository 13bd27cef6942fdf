package org.laco.model;

import com.google.common.base.CharMatcher;
import java.util.Optional;

/**
 * A tensor's name split into the layer's number and the name within the layer.
 *
 * @param layer the layer's number, from 0
 * @param within the name within the layer, such as {@code mlp.up_proj.weight}
 */
record LayerName(int layer, String within) {
    private static final int MAX_DIGITS = 6;

    /** Splits a name such as {@code model.layers.3.mlp.up_proj.weight}; empty if it doesn't belong to a layer. */
    static Optional<LayerName> parse(String name, String prefix) {
        int dot = name.startsWith(prefix) ? name.indexOf('.', prefix.length()) : -1;
        if (dot <= prefix.length() || dot - prefix.length() > MAX_DIGITS) {
            return Optional.empty();
        }
        String number = name.substring(prefix.length(), dot);
        return CharMatcher.inRange('0', '9').matchesAllOf(number)
                ? Optional.of(new LayerName(Integer.parseInt(number), name.substring(dot + 1)))
                : Optional.empty();
    }
}
