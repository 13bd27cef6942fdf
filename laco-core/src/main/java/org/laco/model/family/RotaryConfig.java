package org.laco.model.family;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import org.laco.model.block.DynamicScaling;
import org.laco.model.block.LinearScaling;
import org.laco.model.block.Llama3Scaling;
import org.laco.model.block.LongRopeScaling;
import org.laco.model.block.NoScaling;
import org.laco.model.block.ProportionalScaling;
import org.laco.model.block.Rotary;
import org.laco.model.block.RotaryScaling;
import org.laco.model.block.YarnScaling;
import org.laco.model.config.ModelConfig;
import org.laco.model.config.Range;

/** Reads rotary position embedding from both styles of configuration: {@code rope_parameters}, or {@code rope_theta} and {@code rope_scaling}. */
final class RotaryConfig {
    private static final String SHARE = "partial_rotary_factor";

    /** A base of 1 would turn all pairs alike. */
    private static final Range THETA = Range.above(1);

    /** By how much a context is stretched. */
    private static final Range FACTOR = Range.atLeast(1);

    /** The logarithm of the original length is divided by. */
    private static final Range ORIGINAL = Range.between(2, Integer.MAX_VALUE);

    private final ModelConfig config;
    private final ModelConfig parameters;
    private final double theta;
    private final double share;
    /** By how much the longest wavelength is stretched, 0 if that is left to the length. */
    private final double alpha;

    private RotaryConfig(ModelConfig config, ModelConfig parameters, double theta, double share, double alpha) {
        this.config = config;
        this.parameters = parameters;
        this.theta = theta;
        this.share = share;
        this.alpha = alpha;
    }

    /** Reads what most families have: all of a head is rotated. */
    static Rotary read(ModelConfig config, int headSize) {
        return of(config, "rope_theta").rotary(headSize);
    }

    /**
     * Reads the keys that most families share.
     *
     * @param olderTheta where the base stands if it isn't among the parameters
     */
    static RotaryConfig of(ModelConfig config, String olderTheta) {
        return of(config, parameters(config), olderTheta);
    }

    /** Reads one of several sets of parameters. */
    static RotaryConfig of(ModelConfig config, ModelConfig parameters, String olderTheta) {
        double theta = parameters.has("rope_theta")
                ? parameters.number("rope_theta", THETA)
                : config.number(olderTheta, THETA);
        // Not all that is read here is used, but a base or a share that makes no sense is a sign of a broken file.
        config.number(olderTheta, THETA, theta);
        parameters.number(SHARE, Range.SHARE, 1);
        return new RotaryConfig(config, parameters, theta, 1, 0);
    }

    /**
     * The parameters of either style, empty if there are none. As in transformers 5, {@code rope_scaling} replaces {@code
     * rope_parameters} as a whole, its base too.
     */
    static ModelConfig parameters(ModelConfig config) {
        if (config.has("rope_scaling")) {
            ModelConfig scaling = config.object("rope_scaling");
            if (!scaling.values().isEmpty()) {
                return scaling;
            }
        }
        return config.has("rope_parameters") ? config.object("rope_parameters") : ModelConfig.of(ImmutableMap.of());
    }

    /** The parameters of either style, or others if there are none. */
    static ModelConfig parameters(ModelConfig config, ModelConfig otherwise) {
        ModelConfig stated = parameters(config);
        return stated.values().isEmpty() ? otherwise : stated;
    }

    /** The parameters of one type of layers, where they stand by type; empty if there are none. */
    static ModelConfig ofType(ModelConfig config, String type) {
        ModelConfig byType =
                config.has("rope_parameters") ? config.object("rope_parameters") : ModelConfig.of(ImmutableMap.of());
        return byType.has(type) ? byType.object(type) : ModelConfig.of(ImmutableMap.of());
    }

    /** Lets {@code alpha} beside the type {@code dynamic} stretch the base once for all, instead of with a sequence's length. */
    RotaryConfig stretchedByAlpha() {
        return new RotaryConfig(config, parameters, theta, share, parameters.number("alpha", Range.atLeast(0), 0));
    }

    /** Reads which share of each head is rotated, in the parameters or under a key of the older style. */
    RotaryConfig partial(String olderKey) {
        double read =
                parameters.has(SHARE) ? parameters.number(SHARE, Range.SHARE) : config.number(olderKey, Range.SHARE);
        return new RotaryConfig(config, parameters, theta, read, alpha);
    }

    Rotary rotary(int headSize) {
        int width = (int) (headSize * share);
        checkArgument(
                width > 0 && width % 2 == 0,
                "config.json: %s of a head's %s elements are rotated (%s %s), expected an even number of them",
                width,
                headSize,
                SHARE,
                share);
        Rotary unscaled = new Rotary(width, theta, new NoScaling(), false);
        if (alpha > 0 && type().equals("dynamic")) {
            return stretched(unscaled);
        }
        return unscaled.scaled(scaling(unscaled));
    }

    /** Raises the base so that the longest wavelength is alpha times as long, θ · alpha^(width / (width − 2)). */
    private Rotary stretched(Rotary unscaled) {
        requireSeveralPairs(unscaled);
        double power = (double) unscaled.width() / (unscaled.width() - 2);
        return new Rotary(unscaled.width(), theta * Math.pow(alpha, power), new NoScaling(), false);
    }

    private static void requireSeveralPairs(Rotary rotary) {
        checkArgument(
                rotary.width() > 2,
                "config.json: rope_type dynamic needs more than %s rotated elements a head",
                rotary.width());
    }

    private RotaryScaling scaling(Rotary unscaled) {
        String type = type();
        return switch (type) {
            case "default" -> new NoScaling();
            // With text alone the positions of all sections are the same, which is what one section has.
            case "mrope" -> sections();
            case "linear" -> new LinearScaling(parameters.number("factor", FACTOR));
            case "dynamic" -> dynamic(unscaled);
            case "llama3" -> llama3();
            // Phi-3 called LongRoPE "su" and "yarn" before it got its name.
            case "yarn" -> parameters.has("short_factor") ? longRope(unscaled) : yarn(unscaled);
            case "longrope", "su" -> longRope(unscaled);
            case "proportional" -> proportional(unscaled);
            default ->
                throw new IllegalArgumentException(
                        "config.json: rope_type " + type
                                + " is not supported, expected default, linear, dynamic, yarn, llama3, longrope or proportional");
        };
    }

    private RotaryScaling sections() {
        checkArgument(
                parameters.has("mrope_section"),
                "config.json: rope_type mrope needs mrope_section, by which multimodal models divide the pairs of a head");
        return new NoScaling();
    }

    private String type() {
        return parameters.string("rope_type", parameters.string("type", "default"));
    }

    /** The frequencies are those of the whole head, of which a share of the pairs turns. */
    private RotaryScaling proportional(Rotary unscaled) {
        int turning = (int) (parameters.number(SHARE, Range.SHARE, 1) * unscaled.width() / 2);
        return new ProportionalScaling(turning, parameters.number("factor", FACTOR, 1));
    }

    private RotaryScaling dynamic(Rotary unscaled) {
        requireSeveralPairs(unscaled);
        return new DynamicScaling(
                parameters.number("factor", FACTOR), config.integer("max_position_embeddings", Range.POSITIONS));
    }

    private RotaryScaling llama3() {
        double low = parameters.number("low_freq_factor", Range.POSITIVE);
        return new Llama3Scaling(
                parameters.number("factor", FACTOR),
                low,
                parameters.number("high_freq_factor", Range.above(low)),
                originalLength());
    }

    private RotaryScaling yarn(Rotary unscaled) {
        double factor = factor();
        return YarnScaling.of(
                factor,
                unscaled,
                originalLength(),
                orIfZero("beta_fast", 32),
                orIfZero("beta_slow", 1),
                parameters.flag("truncate", true),
                parameters.number("attention_factor", Range.POSITIVE, yarnAttention(factor)));
    }

    /**
     * The factor of scores beside that of rotated queries and keys, as DeepSeek's models have it under any scaling: the square of YaRN's
     * for {@code mscale_all_dim}.
     */
    double scoreFactor() {
        double ofAll = type().equals("default") ? 0 : orIfZero("mscale_all_dim", 0);
        double scale = ofAll > 0 ? yarnScale(factor(), ofAll) : 1;
        return scale * scale;
    }

    private double yarnAttention(double factor) {
        double weight = orIfZero("mscale", 0);
        double ofAll = orIfZero("mscale_all_dim", 0);
        return weight > 0 && ofAll > 0 ? yarnScale(factor, weight) / yarnScale(factor, ofAll) : yarnScale(factor, 1);
    }

    /** Reads a number of which 0 means that it isn't given. */
    private double orIfZero(String key, double otherwise) {
        double read = parameters.number(key, Range.atLeast(0), 0);
        return read == 0 ? otherwise : read;
    }

    private static double yarnScale(double factor, double weight) {
        return factor <= 1 ? 1 : 0.1 * weight * Math.log(factor) + 1;
    }

    private RotaryScaling longRope(Rotary unscaled) {
        double factor = factor();
        double attention = factor <= 1 ? 1 : Math.sqrt(1 + Math.log(factor) / Math.log(originalLength()));
        return new LongRopeScaling(
                factors("short_factor", unscaled),
                factors("long_factor", unscaled),
                originalLength(),
                parameters.number("attention_factor", Range.POSITIVE, attention));
    }

    private ImmutableList<Double> factors(String key, Rotary unscaled) {
        ImmutableList<Double> factors = parameters.numbers(key, Range.POSITIVE);
        int pairs = unscaled.width() / 2;
        checkArgument(
                factors.size() == pairs,
                "config.json: %s has %s entries, expected %s, one for each pair of a head's rotated elements",
                key,
                factors.size(),
                pairs);
        return factors;
    }

    /** By how much the context is stretched, as stated or as the lengths give it. */
    private double factor() {
        return parameters.has("factor")
                ? parameters.number("factor", FACTOR)
                : (double) config.integer("max_position_embeddings", Range.POSITIONS) / originalLength();
    }

    /** The context length of the original training: beside the parameters, as Phi-3 has it, or among them. */
    private int originalLength() {
        String key = "original_max_position_embeddings";
        return config.has(key)
                ? config.integer(key, ORIGINAL)
                : parameters.has(key)
                        ? parameters.integer(key, ORIGINAL)
                        : config.integer("max_position_embeddings", ORIGINAL);
    }
}
