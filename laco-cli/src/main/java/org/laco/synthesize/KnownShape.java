package org.laco.synthesize;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import java.util.stream.Collectors;

/**
 * The dimensions of a Llama model.
 *
 * @param name how the shape is asked for
 * @param width the width of the hidden states
 * @param intermediate the width inside the MLP
 * @param layers the number of layers
 * @param heads the number of query heads, of width / heads elements each
 * @param keyHeads the number of key and value heads
 * @param vocabulary the number of token ids
 * @param tied whether the output map is the embedding
 */
public record KnownShape(
        String name, int width, int intermediate, int layers, int heads, int keyHeads, int vocabulary, boolean tied) {
    private static final ImmutableList<KnownShape> ALL = ImmutableList.of(
            new KnownShape("tiny", 64, 176, 8, 4, 2, 320, false),
            new KnownShape("smollm2-135m", 576, 1536, 30, 9, 3, 49_152, true),
            new KnownShape("llama-2-7b", 4096, 11_008, 32, 32, 32, 32_000, false),
            new KnownShape("llama-2-13b", 5120, 13_824, 40, 40, 40, 32_000, false));

    /**
     * Returns all shapes.
     *
     * @return the shapes, the smallest first
     */
    public static ImmutableList<KnownShape> all() {
        return ALL;
    }

    /**
     * Finds a shape.
     *
     * @param name such as {@code llama-2-7b}
     * @return the shape
     * @throws IllegalArgumentException if there is none of that name
     */
    public static KnownShape named(String name) {
        return ALL.stream()
                .filter(shape -> shape.name.equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("unknown shape " + name + ", expected one of "
                        + ALL.stream().map(KnownShape::name).collect(Collectors.joining(", "))));
    }

    /**
     * Changes the number of layers.
     *
     * @param count the number, at least 1
     * @return the shape with that many layers
     * @throws IllegalArgumentException if the number is not positive
     */
    public KnownShape withLayers(int count) {
        checkArgument(count >= 1, "a model has at least 1 layer, not %s", count);
        return new KnownShape(name, width, intermediate, count, heads, keyHeads, vocabulary, tied);
    }
}
