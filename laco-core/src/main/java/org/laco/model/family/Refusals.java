package org.laco.model.family;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import java.util.Optional;
import org.laco.model.config.ModelConfig;
import org.laco.model.config.TextSection;

/** Configurations of checkpoints that can't be collapsed as they are, and what to do with them. */
final class Refusals {
    /** Where transformers, older compressed-tensors and MLX write what they did to the weights. */
    private static final ImmutableList<String> QUANTISATIONS =
            ImmutableList.of("quantization_config", "compression_config", "quantization");

    /** Types whose language model isn't causal over its prompt. */
    private static final ImmutableSet<String> BOTH_WAYS = ImmutableSet.of("paligemma", "colpali");

    /** Types of which several layers are made of the same weights, stored once. */
    private static final ImmutableSet<String> SHARED = ImmutableSet.of("zamba", "zamba2");

    /** Keys of lists that name layers of the language model by their numbers, wherever they stand among those of the vision tower. */
    private static final ImmutableList<String> LISTS_OF_TEXT_LAYERS =
            ImmutableList.of("deepstack_layer_map", "spatial_target_layers");

    private Refusals() {}

    /** Refuses a checkpoint's configuration with one sentence that says what to do. */
    static void check(ModelConfig whole) {
        reason(whole)
                .or(() -> ofTowers(whole))
                .or(() -> reason(TextSection.of(whole).config()))
                .ifPresent(reason -> {
                    throw new IllegalArgumentException("config.json: " + reason);
                });
    }

    /** Language models that a vision tower reaches into by more than the embeddings of a picture. */
    private static Optional<String> ofTowers(ModelConfig whole) {
        String type = whole.string("model_type", "unknown");
        if (BOTH_WAYS.contains(type)) {
            return Optional.of(
                    "model_type " + type + " attends both ways over the picture and the prompt, expected a causal"
                            + " model: choose one of the families that are supported");
        }
        if (type.equals("granite4_vision")) {
            return Optional.of(
                    "model_type granite4_vision is not supported: features of its vision tower are added after layers"
                            + " of the language model that are chosen by their numbers, which a collapse would move");
        }
        for (String list : LISTS_OF_TEXT_LAYERS) {
            if (whole.has(list)) {
                return Optional.of(
                        list + " names layers of the language model after which a vision tower's features are"
                                + " added, which a collapse would move: model_type " + type + " is not supported");
            }
        }
        return Optional.empty();
    }

    private static Optional<String> reason(ModelConfig config) {
        for (String key : QUANTISATIONS) {
            if (config.has(key)) {
                return Optional.of("the weights are quantised (" + key + ": " + method(config.object(key))
                        + "), which can't be merged: collapse the unquantised checkpoint and quantise the result");
            }
        }
        if (config.flag("is_encoder_decoder", false)) {
            return Optional.of("model_type " + config.string("model_type", "unknown")
                    + " is an encoder-decoder (is_encoder_decoder is true), expected a decoder-only model:"
                    + " choose one of the families that are supported");
        }
        String type = config.string("model_type", "unknown");
        if (SHARED.contains(type)) {
            return Optional.of(
                    "model_type " + type + " is not supported: several of its layers share attention that is stored"
                            + " once, which merging or dropping one of them would change or leave without a place");
        }
        if (type.equals("minimax")) {
            return Optional.of(
                    "model_type minimax is not supported: how fast its linear attention forgets follows from a layer's number"
                            + " among all layers, which a collapse would change");
        }
        if (!config.flag("is_causal", true)) {
            return Optional.of(
                    "is_causal false is not supported, expected true: layer collapse compares causal models");
        }
        return Optional.empty();
    }

    private static String method(ModelConfig quantisation) {
        if (quantisation.flag("load_in_4bit", false)) {
            return "bitsandbytes 4-bit";
        }
        if (quantisation.flag("load_in_8bit", false)) {
            return "bitsandbytes 8-bit";
        }
        String method = quantisation.string("quant_method", "unnamed method");
        return quantisation.has("format") ? method + " " + quantisation.string("format") : method;
    }
}
