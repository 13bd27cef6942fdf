package org.laco.model.family;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableMap;
import java.util.Optional;
import org.laco.kernel.Activation;
import org.laco.model.block.Block;
import org.laco.model.block.CausalConvolution;
import org.laco.model.block.Linear;
import org.laco.model.block.Mamba;
import org.laco.model.block.ScanNorms;
import org.laco.model.config.ModelConfig;
import org.laco.model.config.Range;

/**
 * A Mamba mixer by what the families that have one call differently.
 *
 * @param name what its tensors' names begin with
 * @param width the hidden width
 * @param channels the number of channels
 * @param states the number of states of a channel
 * @param rank the rank of time steps
 * @param convolution the number of positions of its convolution
 * @param biasedConvolution whether the convolution has a bias
 * @param biased whether its maps from and to hidden states have biases
 * @param activation the function after the convolution
 */
record MambaConfig(
        String name,
        int width,
        int channels,
        int states,
        int rank,
        int convolution,
        boolean biasedConvolution,
        boolean biased,
        Activation activation) {
    private static final String AUTO = "auto";

    /** What transformers takes for keys that a configuration of such a model hasn't. */
    static ImmutableMap.Builder<String, Object> defaults() {
        return ImmutableMap.<String, Object>builder()
                .put("vocab_size", 50280)
                .put("hidden_size", 768)
                .put("num_hidden_layers", 32)
                .put("layer_norm_epsilon", 1e-5)
                .put("tie_word_embeddings", true)
                .put("state_size", 16)
                .put("expand", 2)
                .put("conv_kernel", 4)
                .put("use_bias", false)
                .put("use_conv_bias", true)
                .put("hidden_act", "silu");
    }

    /** Reads the keys of models that are Mamba mixers and nothing else. */
    static MambaConfig read(ModelConfig config, int width) {
        return new MambaConfig(
                MambaParts.MIXER,
                width,
                channels(config, "expand", width),
                config.integer("state_size", Range.COUNT),
                rank(config, "time_step_rank", width),
                config.integer("conv_kernel", Range.COUNT),
                config.flag("use_conv_bias", true),
                config.flag("use_bias", false),
                Dimensions.activation(config, "hidden_act"));
    }

    /** The number of channels, so many times the hidden width as a key says. */
    static int channels(ModelConfig config, String key, int width) {
        int expand = config.integer(key, Range.COUNT);
        long channels = (long) expand * width;
        checkArgument(
                Range.SIZE.contains(channels),
                "config.json: %s %s of a hidden_size of %s makes %s channels, expected a number %s",
                key,
                expand,
                width,
                channels,
                Range.SIZE);
        return (int) channels;
    }

    /** The rank of time steps: a sixteenth of the hidden width, rounded up, where the key says auto or isn't there. */
    static int rank(ModelConfig config, String key, int width) {
        return AUTO.equals(config.values().getOrDefault(key, AUTO))
                ? (width + 15) / 16
                : config.integer(key, Range.SIZE);
    }

    Block block(Optional<ScanNorms> norms) {
        return new Mamba(
                name,
                Linear.of(name + ".in_proj", width, 2 * channels, biased),
                new CausalConvolution(name + ".conv1d", channels, convolution, biasedConvolution),
                activation,
                Linear.of(name + ".x_proj", channels, rank + 2 * states, false),
                norms,
                Linear.of(name + ".dt_proj", rank, channels, true),
                Linear.of(name + ".out_proj", channels, width, biased));
    }
}
