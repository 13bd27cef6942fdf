package org.laco.model.family;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import org.laco.model.block.Block;
import org.laco.model.block.Decoder;
import org.laco.model.block.Layer;
import org.laco.model.block.Linear;
import org.laco.model.block.Residual;
import org.laco.model.block.Rotary;
import org.laco.model.block.XieluFeedForward;
import org.laco.model.config.ModelConfig;
import org.laco.model.config.Range;
import org.laco.tensor.TensorSource;

/** Apertus: Qwen 3's attention, and a feed-forward block without a gate whose function has learned slopes. */
final class Apertus implements Family {
    /** What transformers takes for a key that a configuration hasn't. */
    private static final ImmutableMap<String, Object> DEFAULTS = ImmutableMap.<String, Object>builder()
            .put("vocab_size", 131072)
            .put("hidden_size", 4096)
            .put("intermediate_size", 14336)
            .put("num_hidden_layers", 32)
            .put("num_attention_heads", 32)
            .put("hidden_act", "xielu")
            .put("max_position_embeddings", 65536)
            .put("rms_norm_eps", 1e-5)
            .put("tie_word_embeddings", false)
            .put("rope_theta", 12_000_000.0)
            .put("attention_bias", false)
            .buildOrThrow();

    @Override
    public String name() {
        return "Apertus";
    }

    @Override
    public ImmutableSet<String> modelTypes() {
        return ImmutableSet.of("apertus");
    }

    @Override
    public String notes() {
        return "Apertus 8B and 70B";
    }

    @Override
    public ImmutableMap<String, Object> defaults() {
        return DEFAULTS;
    }

    /** What transformers takes if a configuration says nothing of positions. */
    private static final ModelConfig POSITIONS = ModelConfig.of(ImmutableMap.<String, Object>builder()
            .put("rope_type", "llama3")
            .put("rope_theta", 12_000_000.0)
            .put("factor", 8.0)
            .put("low_freq_factor", 1.0)
            .put("high_freq_factor", 4.0)
            .put("original_max_position_embeddings", 8192)
            .buildOrThrow());

    @Override
    public Decoder define(ModelConfig config, TensorSource tensors) {
        LlamaParts parts = LlamaParts.read(config, tensors);
        Dimensions sizes = parts.sizes();
        Rotary rotary = RotaryConfig.of(config, RotaryConfig.parameters(config, POSITIONS), "rope_theta")
                .rotary(sizes.headSize());
        return parts.decoder(Layer.of(
                Residual.of(
                        parts.norm("attention_layernorm"),
                        Qwen3.attention(config, sizes, parts.epsilon(), LayerTypes.FULL, rotary)),
                Residual.of(parts.norm("feedforward_layernorm"), feedForward(config, sizes))));
    }

    private static Block feedForward(ModelConfig config, Dimensions sizes) {
        if (!config.string("hidden_act").equals("xielu")) {
            return sizes.ungated(config, false);
        }
        int inner = config.integer("intermediate_size", Range.SIZE);
        return new XieluFeedForward(
                Linear.of("mlp.up_proj", sizes.width(), inner, false),
                Linear.of("mlp.down_proj", inner, sizes.width(), false),
                "mlp.act_fn.");
    }
}
