package org.laco.model.family;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSortedSet;
import com.google.common.collect.Ordering;
import org.laco.model.config.ModelConfig;

/**
 * The families that are known.
 *
 * <pre>{@code
 * for (Family family : Families.all()) {
 *     System.out.println(family.name() + " " + family.modelTypes() + ": " + family.notes());
 * }
 * }</pre>
 */
public final class Families {
    private Families() {}

    /**
     * Returns all families.
     *
     * @return the families, by no particular order
     */
    public static ImmutableList<Family> all() {
        return ImmutableList.of(
                new Llama(),
                new Baichuan(),
                new Mistral(),
                new Mixtral(),
                new Qwen2(),
                new Qwen3(),
                new Qwen3Moe(),
                new Gemma(),
                new Gemma2(),
                new Gemma3(),
                new Phi(),
                new Phi3(),
                new Olmo2(),
                new SmolLm3(),
                new Granite(),
                new Starcoder2(),
                new StableLm(),
                new Cohere(),
                new Falcon(),
                new GptNeoX(),
                new Gpt2(),
                new Opt());
    }

    /**
     * Finds the family of a checkpoint's configuration.
     *
     * @param config the configuration
     * @return the family
     * @throws IllegalArgumentException if no family answers for its {@code model_type}, or if it describes what can't be collapsed, as
     *     quantised weights, an encoder-decoder or a vision tower; the message says what to do
     */
    public static Family of(ModelConfig config) {
        Refusals.check(config);
        return of(config.string("model_type"));
    }

    /**
     * Finds the family of a model type.
     *
     * @param modelType the value of the configuration's {@code model_type}
     * @return the family
     * @throws IllegalArgumentException if no family answers for it; the message lists the types that are known
     */
    public static Family of(String modelType) {
        return all().stream()
                .filter(family -> family.modelTypes().contains(modelType))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("config.json: model_type " + modelType
                        + " is not supported, expected one of " + String.join(", ", modelTypes())));
    }

    private static ImmutableSortedSet<String> modelTypes() {
        return all().stream()
                .flatMap(family -> family.modelTypes().stream())
                .collect(ImmutableSortedSet.toImmutableSortedSet(Ordering.natural()));
    }
}
