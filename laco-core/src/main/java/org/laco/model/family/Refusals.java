package org.laco.model.family;

import com.google.common.collect.ImmutableList;
import java.util.Optional;
import org.laco.model.config.ModelConfig;

/** Configurations of checkpoints that can't be collapsed as they are, and what to do with them. */
final class Refusals {
    /** Where transformers, older compressed-tensors and MLX write what they did to the weights. */
    private static final ImmutableList<String> QUANTISATIONS =
            ImmutableList.of("quantization_config", "compression_config", "quantization");

    private Refusals() {}

    /** Refuses a configuration with one sentence that says what to do. */
    static void check(ModelConfig config) {
        reason(config).ifPresent(reason -> {
            throw new IllegalArgumentException("config.json: " + reason);
        });
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
        if (!config.flag("is_causal", true)) {
            return Optional.of(
                    "is_causal false is not supported, expected true: layer collapse compares causal models");
        }
        for (String tower : new String[] {"vision_config", "audio_config"}) {
            if (config.has(tower)) {
                return Optional.of(
                        "model_type " + config.string("model_type", "unknown")
                                + " has a second tower (" + tower
                                + "): save its language model, which text_config describes, as a checkpoint of its own and collapse that");
            }
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
