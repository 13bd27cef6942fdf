package org.laco.model.family;

import com.google.common.collect.ImmutableMap;
import org.laco.model.block.DynamicScaling;
import org.laco.model.block.LinearScaling;
import org.laco.model.block.Llama3Scaling;
import org.laco.model.block.LongRopeScaling;
import org.laco.model.block.NoScaling;
import org.laco.model.block.Rotary;
import org.laco.model.block.RotaryScaling;
import org.laco.model.block.YarnScaling;
import org.laco.model.config.ModelConfig;

/** Reads rotary position embedding from both styles of configuration: {@code rope_parameters}, or {@code rope_theta} and {@code rope_scaling}. */
final class RotaryConfig {
    private static final double THETA = 10000;

    private final ModelConfig config;
    private final ModelConfig parameters;
    private final double theta;
    private final double share;

    private RotaryConfig(ModelConfig config, ModelConfig parameters, double theta, double share) {
        this.config = config;
        this.parameters = parameters;
        this.theta = theta;
        this.share = share;
    }

    /** Reads with the defaults of most families: a base of 10000, all of a head is rotated. */
    static Rotary read(ModelConfig config, int headSize) {
        return of(config, THETA).rotary(headSize);
    }

    /** Reads the keys that most families share. */
    static RotaryConfig of(ModelConfig config, double defaultTheta) {
        ModelConfig parameters = parameters(config);
        return of(config, parameters, config.number("rope_theta", defaultTheta));
    }

    /** Reads one of several sets of parameters. */
    static RotaryConfig of(ModelConfig config, ModelConfig parameters, double defaultTheta) {
        return new RotaryConfig(config, parameters, parameters.number("rope_theta", defaultTheta), 1);
    }

    /** The parameters of either style, empty if there are none. */
    static ModelConfig parameters(ModelConfig config) {
        return config.has("rope_parameters")
                ? config.object("rope_parameters")
                : config.has("rope_scaling") ? config.object("rope_scaling") : ModelConfig.of(ImmutableMap.of());
    }

    /** Reads which share of each head is rotated, in the parameters or under a key of the older style. */
    RotaryConfig partial(String olderKey, double byDefault) {
        double read = parameters.number("partial_rotary_factor", config.number(olderKey, byDefault));
        return new RotaryConfig(config, parameters, theta, read);
    }

    Rotary rotary(int headSize) {
        Rotary unscaled = new Rotary((int) (headSize * share), theta, new NoScaling(), false);
        return unscaled.scaled(scaling(unscaled));
    }

    private RotaryScaling scaling(Rotary unscaled) {
        String type = parameters.string("rope_type", parameters.string("type", "default"));
        // Phi-3 called LongRoPE "su" and "yarn" before it got its name.
        if (parameters.has("short_factor")) {
            return longRope();
        }
        return switch (type) {
            case "default" -> new NoScaling();
            case "linear" -> new LinearScaling(parameters.number("factor"));
            case "dynamic" ->
                new DynamicScaling(parameters.number("factor"), config.integer("max_position_embeddings"));
            case "llama3" ->
                new Llama3Scaling(
                        parameters.number("factor"),
                        parameters.number("low_freq_factor"),
                        parameters.number("high_freq_factor"),
                        originalLength());
            case "yarn" -> yarn(unscaled);
            case "longrope" -> longRope();
            default ->
                throw new IllegalArgumentException("config.json: rope_type " + type
                        + " is not supported, expected default, linear, dynamic, yarn, llama3 or longrope");
        };
    }

    private RotaryScaling yarn(Rotary unscaled) {
        double factor = factor();
        return YarnScaling.of(
                factor,
                unscaled,
                originalLength(),
                parameters.number("beta_fast", 32),
                parameters.number("beta_slow", 1),
                parameters.flag("truncate", true),
                parameters.number("attention_factor", yarnAttention(factor)));
    }

    private double yarnAttention(double factor) {
        return parameters.has("mscale") && parameters.has("mscale_all_dim")
                ? yarnScale(factor, parameters.number("mscale"))
                        / yarnScale(factor, parameters.number("mscale_all_dim"))
                : yarnScale(factor, 1);
    }

    private static double yarnScale(double factor, double weight) {
        return factor <= 1 ? 1 : 0.1 * weight * Math.log(factor) + 1;
    }

    private RotaryScaling longRope() {
        double factor = factor();
        double attention = factor <= 1 ? 1 : Math.sqrt(1 + Math.log(factor) / Math.log(originalLength()));
        return new LongRopeScaling(
                parameters.numbers("short_factor"),
                parameters.numbers("long_factor"),
                originalLength(),
                parameters.number("attention_factor", attention));
    }

    /** By how much the context is stretched, as stated or as the lengths give it. */
    private double factor() {
        return parameters.has("factor")
                ? parameters.number("factor")
                : (double) config.integer("max_position_embeddings") / originalLength();
    }

    /** The context length of the original training: beside the parameters, as Phi-3 has it, or among them. */
    private int originalLength() {
        String key = "original_max_position_embeddings";
        return config.has(key)
                ? config.integer(key)
                : parameters.has(key) ? parameters.integer(key) : config.integer("max_position_embeddings");
    }
}
