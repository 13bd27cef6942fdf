package org.laco.model.block;

import java.util.function.UnaryOperator;

/**
 * Inputs that each layer has of its own, beside what the layer below gives, as in Gemma 4 E2B: {@code (norm(map(e) / √width) + √size ·
 * table[id]) / √2} of the embedding e of a token id, where the table has a slice of columns and the map a slice of rows for each layer.
 *
 * @param table the full name of the table {@code [vocabulary, layers · size]}
 * @param map the full name of the map {@code [layers · size, width]}
 * @param norm the norm of a layer's input, whose tensor has a full name
 * @param layers the number of layers
 * @param size the width of a layer's input
 */
public record LayerInputs(String table, String map, RmsNorm norm, int layers, int size) {
    /**
     * Returns the width of the inputs of all layers.
     *
     * @return layers · size
     */
    public int columns() {
        return layers * size;
    }

    LayerInputs named(UnaryOperator<String> names) {
        return new LayerInputs(names.apply(table), names.apply(map), (RmsNorm) norm.named(names), layers, size);
    }
}
