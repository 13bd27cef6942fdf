package org.laco.model.family;

import org.laco.model.ModelConfig;
import org.laco.model.block.LinearScaling;
import org.laco.model.block.Llama3Scaling;
import org.laco.model.block.NoScaling;
import org.laco.model.block.Rotary;
import org.laco.model.block.RotaryScaling;

/** Reads rotary position embedding from both styles of configuration: {@code rope_parameters}, or {@code rope_theta} and {@code rope_scaling}. */
final class RotaryConfig {
    private RotaryConfig() {}

    static Rotary read(ModelConfig config, int width) {
        ModelConfig parameters = config.has("rope_parameters")
                ? config.object("rope_parameters")
                : config.has("rope_scaling") ? config.object("rope_scaling") : null;
        double theta = parameters != null && parameters.has("rope_theta")
                ? parameters.number("rope_theta")
                : config.number("rope_theta", 10000);
        return new Rotary(width, theta, parameters == null ? new NoScaling() : scaling(parameters), false);
    }

    private static RotaryScaling scaling(ModelConfig parameters) {
        String type = parameters.string("rope_type", parameters.string("type", "default"));
        return switch (type) {
            case "default" -> new NoScaling();
            case "linear" -> new LinearScaling(parameters.number("factor"));
            case "llama3" ->
                new Llama3Scaling(
                        parameters.number("factor"),
                        parameters.number("low_freq_factor"),
                        parameters.number("high_freq_factor"),
                        parameters.integer("original_max_position_embeddings"));
            default ->
                throw new IllegalArgumentException(
                        "config.json: rope_type " + type + " is not supported, expected default, linear or llama3");
        };
    }
}
