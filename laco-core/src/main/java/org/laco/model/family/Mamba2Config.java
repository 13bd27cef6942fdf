package org.laco.model.family;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import java.util.Optional;
import org.laco.kernel.Activation;
import org.laco.kernel.StateSpaceSpec;
import org.laco.model.block.Block;
import org.laco.model.block.CausalConvolution;
import org.laco.model.block.GroupNorm;
import org.laco.model.block.Linear;
import org.laco.model.block.Mamba2;
import org.laco.model.config.ModelConfig;
import org.laco.model.config.Range;

/**
 * A Mamba 2 mixer by what the families that have one call differently.
 *
 * @param name what its tensors' names begin with
 * @param width the hidden width
 * @param spec the numbers of heads and groups and their sizes
 * @param convolution the number of positions of its convolution
 * @param biasedConvolution whether the convolution has a bias
 * @param biased whether its maps have biases
 * @param activation the function after the convolution
 * @param epsilon ε of its norm
 */
record Mamba2Config(
        String name,
        int width,
        StateSpaceSpec spec,
        int convolution,
        boolean biasedConvolution,
        boolean biased,
        Activation activation,
        double epsilon) {
    private static final String LIMITS = "time_step_limit";
    private static final String HEAD_SIZE = "mamba_d_head";
    private static final String AUTO = "auto";

    /** Any time step, where a configuration doesn't say otherwise. */
    static final ImmutableList<Double> NO_LIMITS = ImmutableList.of(0.0, Double.POSITIVE_INFINITY);

    /** Checks that heads divide into groups, as all families' keys say. */
    static int dividedBy(String groupKey, int groups, String headKey, int heads) {
        checkArgument(
                heads % groups == 0, "config.json: %s %s is not a multiple of %s %s", headKey, heads, groupKey, groups);
        return groups;
    }

    /** Reads the keys of Granite 4 and its likes, whose heads share {@code mamba_expand} times the hidden width. */
    static Mamba2Config expanded(ModelConfig config, int width) {
        return read(config, width, inner(config, width), "mamba_expand and hidden_size");
    }

    /** Reads the same, but for a key that says how many elements heads have together where it isn't null. */
    static Mamba2Config expanded(ModelConfig config, int width, String key) {
        long expanded = inner(config, width);
        return config.has(key)
                ? read(config, width, config.integer(key, Range.SIZE), key)
                : read(config, width, expanded, "mamba_expand and hidden_size");
    }

    private static long inner(ModelConfig config, int width) {
        return (long) config.integer("mamba_expand", Range.COUNT) * width;
    }

    /**
     * Reads the keys.
     *
     * @param inner how many elements all heads have together
     * @param keys what this comes from
     */
    private static Mamba2Config read(ModelConfig config, int width, long inner, String keys) {
        int heads = config.integer("mamba_n_heads", Range.COUNT);
        checkArgument(
                inner % heads == 0 && Range.COUNT.contains(inner / heads),
                "config.json: mamba_n_heads %s doesn't divide the %s elements that %s make into heads"
                        + " of a number of elements %s",
                heads,
                inner,
                keys,
                Range.COUNT);
        int headSize = (int) (inner / heads);
        checkArgument(
                AUTO.equals(config.values().getOrDefault(HEAD_SIZE, AUTO)) || config.integer(HEAD_SIZE) == headSize,
                "config.json: %s is %s, but %s and mamba_n_heads make heads of %s elements",
                HEAD_SIZE,
                config.values().get(HEAD_SIZE),
                keys,
                headSize);
        int groups = dividedBy("mamba_n_groups", config.integer("mamba_n_groups", Range.COUNT), "mamba_n_heads", heads);
        return new Mamba2Config(
                "mamba",
                width,
                limited(config, heads, headSize, groups, config.integer("mamba_d_state", Range.COUNT)),
                config.integer("mamba_d_conv", Range.COUNT),
                config.flag("mamba_conv_bias", true),
                config.flag("mamba_proj_bias", false),
                Dimensions.activation(config, "hidden_act"),
                config.number("rms_norm_eps", Range.EPSILON));
    }

    /** Reads the limits of time steps. */
    static StateSpaceSpec limited(ModelConfig config, int heads, int headSize, int groups, int stateSize) {
        ImmutableList<Double> limits = config.numbers(LIMITS);
        checkArgument(
                limits.size() == 2 && limits.get(0) <= limits.get(1),
                "config.json: %s is %s, expected a least number and a greatest",
                LIMITS,
                limits);
        return new StateSpaceSpec(heads, headSize, groups, stateSize, limits.get(0), limits.get(1));
    }

    /** The mixer with a norm of what is gated. */
    Block block() {
        return block(input(), Optional.of(norm()), false, biased);
    }

    /** The mixer with another input map, another norm, and an output map with a bias of its own or none. */
    Block block(Block input, Optional<GroupNorm> norm, boolean normedFirst, boolean biasedOutput) {
        return new Mamba2(
                name,
                input,
                new CausalConvolution(name + ".conv1d", spec.mixedWidth(), convolution, biasedConvolution),
                activation,
                spec,
                norm,
                normedFirst,
                Linear.of(name + ".out_proj", spec.width(), width, biasedOutput));
    }

    Linear input() {
        return Linear.of(name + ".in_proj", width, spec.width() + spec.mixedWidth() + spec.heads(), biased);
    }

    GroupNorm norm() {
        return new GroupNorm(name + ".norm", spec.width(), spec.groups(), epsilon);
    }
}
