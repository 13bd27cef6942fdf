package org.laco.model.family;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import java.util.Optional;
import org.laco.model.block.Block;
import org.laco.model.block.Decoder;
import org.laco.model.block.GatedFeedForward;
import org.laco.model.block.Linear;
import org.laco.model.config.ModelConfig;
import org.laco.model.config.Range;
import org.laco.tensor.TensorSource;

/** BitNet: Llama with a norm before the last map of attention and of feed-forward. */
final class BitNet implements Family {
    /** What transformers takes for a key that a configuration hasn't. */
    private static final ImmutableMap<String, Object> DEFAULTS = ImmutableMap.<String, Object>builder()
            .put("vocab_size", 128256)
            .put("hidden_size", 2560)
            .put("intermediate_size", 6912)
            .put("num_hidden_layers", 30)
            .put("num_attention_heads", 20)
            .put("num_key_value_heads", 5)
            .put("hidden_act", "relu2")
            .put("max_position_embeddings", 2048)
            .put("rms_norm_eps", 1e-5)
            .put("tie_word_embeddings", false)
            .put("rope_theta", 500_000.0)
            .put("attention_bias", false)
            .buildOrThrow();

    @Override
    public String name() {
        return "BitNet";
    }

    @Override
    public ImmutableSet<String> modelTypes() {
        return ImmutableSet.of("bitnet");
    }

    @Override
    public String notes() {
        return "BitNet b1.58 with weights that are not quantised; those that are quantised while they are read are refused";
    }

    @Override
    public ImmutableMap<String, Object> defaults() {
        return DEFAULTS;
    }

    @Override
    public Decoder define(ModelConfig config, TensorSource tensors) {
        LlamaParts parts = LlamaParts.read(config, tensors);
        Dimensions sizes = parts.sizes();
        boolean biased = config.flag("attention_bias", false);
        Block attention = sizes.attention(biased, "o_proj", biased)
                .rotary(RotaryConfig.read(config, sizes.headSize()))
                .outputNorm(parts.norm("self_attn.attn_sub_norm", sizes.queries()))
                .build();
        int inner = config.integer("intermediate_size", Range.SIZE);
        Block feedForward = new GatedFeedForward(
                Linear.of("mlp.gate_proj", sizes.width(), inner, false),
                Linear.of("mlp.up_proj", sizes.width(), inner, false),
                Linear.of("mlp.down_proj", inner, sizes.width(), false),
                Dimensions.activation(config, "hidden_act"),
                1,
                Optional.of(parts.norm("mlp.ffn_sub_norm", inner)));
        return parts.decoder(parts.layer(attention, feedForward));
    }
}
