package org.laco.model.family;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import org.laco.model.block.Block;
import org.laco.model.block.Decoder;
import org.laco.model.config.ModelConfig;
import org.laco.model.config.Range;
import org.laco.tensor.TensorSource;

/** Mamba 2: one mixer a layer, and nothing else. */
final class Mamba2Model implements Family {
    /** What transformers takes for a key that a configuration hasn't. */
    private static final ImmutableMap<String, Object> DEFAULTS = ImmutableMap.<String, Object>builder()
            .put("vocab_size", 32768)
            .put("hidden_size", 4096)
            .put("num_hidden_layers", 64)
            .put("layer_norm_epsilon", 1e-5)
            .put("tie_word_embeddings", false)
            .put("num_heads", 128)
            .put("head_dim", 64)
            .put("state_size", 128)
            .put("expand", 2)
            .put("conv_kernel", 4)
            .put("n_groups", 8)
            .put("use_bias", false)
            .put("use_conv_bias", true)
            .put("hidden_act", "silu")
            .put("time_step_limit", Mamba2Config.NO_LIMITS)
            .buildOrThrow();

    @Override
    public String name() {
        return "Mamba 2";
    }

    @Override
    public ImmutableSet<String> modelTypes() {
        return ImmutableSet.of("mamba2");
    }

    @Override
    public String notes() {
        return "Mamba 2 and Codestral Mamba, as transformers saves them";
    }

    @Override
    public String prefix() {
        return "backbone.";
    }

    @Override
    public ImmutableMap<String, Object> defaults() {
        return DEFAULTS;
    }

    @Override
    public Decoder define(ModelConfig config, TensorSource tensors) {
        MambaParts parts = MambaParts.read(config, tensors);
        return parts.decoder(mixer(config, parts));
    }

    private static Block mixer(ModelConfig config, MambaParts parts) {
        int heads = config.integer("num_heads", Range.COUNT);
        int headSize = config.integer("head_dim", Range.COUNT);
        long inner = (long) config.integer("expand", Range.COUNT) * parts.width();
        checkArgument(
                inner == (long) heads * headSize,
                "config.json: num_heads %s and head_dim %s make %s elements, but expand and hidden_size %s",
                heads,
                headSize,
                (long) heads * headSize,
                inner);
        int groups = Mamba2Config.dividedBy("n_groups", config.integer("n_groups", Range.COUNT), "num_heads", heads);
        return new Mamba2Config(
                        MambaParts.MIXER,
                        parts.width(),
                        Mamba2Config.limited(
                                config, heads, headSize, groups, config.integer("state_size", Range.COUNT)),
                        config.integer("conv_kernel", Range.COUNT),
                        config.flag("use_conv_bias", true),
                        config.flag("use_bias", false),
                        Dimensions.activation(config, "hidden_act"),
                        parts.epsilon())
                .block();
    }
}
