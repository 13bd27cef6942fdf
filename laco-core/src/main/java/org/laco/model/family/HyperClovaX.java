package org.laco.model.family;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import org.laco.model.block.Block;
import org.laco.model.block.Decoder;
import org.laco.model.block.Layer;
import org.laco.model.block.Sequence;
import org.laco.model.config.ModelConfig;
import org.laco.model.config.Range;
import org.laco.tensor.TensorSource;

/** HyperCLOVA X: as Granite with norms after attention and feed-forward too, and logits that are multiplied. */
final class HyperClovaX implements Family {
    /** What transformers takes for a key that a configuration hasn't. */
    private static final ImmutableMap<String, Object> DEFAULTS = ImmutableMap.<String, Object>builder()
            .put("vocab_size", 32000)
            .put("hidden_size", 4096)
            .put("intermediate_size", 11008)
            .put("num_hidden_layers", 32)
            .put("num_attention_heads", 32)
            .put("hidden_act", "silu")
            .put("max_position_embeddings", 2048)
            .put("rms_norm_eps", 1e-6)
            .put("tie_word_embeddings", false)
            .put("rope_theta", 10_000.0)
            .put("attention_bias", false)
            .put("mlp_bias", false)
            .put("embedding_multiplier", 1.0)
            .put("logits_scaling", 1.0)
            .put("residual_multiplier", 1.0)
            .put("use_post_norm", true)
            .buildOrThrow();

    @Override
    public String name() {
        return "HyperCLOVA X";
    }

    @Override
    public ImmutableSet<String> modelTypes() {
        return ImmutableSet.of("hyperclovax");
    }

    @Override
    public String notes() {
        return "SEED Think 14B and its like; not SEED 0.5B to 3B, which are Llama";
    }

    @Override
    public ImmutableMap<String, Object> defaults() {
        return DEFAULTS;
    }

    @Override
    public Decoder define(ModelConfig config, TensorSource tensors) {
        GraniteParts parts = GraniteParts.read(config, tensors);
        Block attention = parts.attention()
                .rotary(RotaryConfig.read(config, parts.sizes().headSize()))
                .build();
        Block feedForward = parts.sizes().gated(config, config.flag("mlp_bias", false));
        Layer layer = config.flag("use_post_norm", true)
                ? parts.layer(
                        Sequence.of(attention, parts.parts().norm("post_norm1")),
                        Sequence.of(feedForward, parts.parts().norm("post_norm2")))
                : parts.layer(attention, feedForward);
        return parts.decoder(i -> layer, config.number("logits_scaling", Range.MULTIPLIER));
    }
}
