package org.laco.model.family;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import org.laco.model.block.Attention;
import org.laco.model.block.Block;
import org.laco.model.block.Decoder;
import org.laco.model.block.Embedding;
import org.laco.model.block.FusedProjection;
import org.laco.model.block.Layer;
import org.laco.model.block.Linear;
import org.laco.model.block.Residual;
import org.laco.model.block.RmsNorm;
import org.laco.model.config.ModelConfig;
import org.laco.model.config.Range;
import org.laco.tensor.TensorSource;

/** Phi 3, 3.5 and 4: as Llama with fused maps, a share of each head rotated, LongRoPE, and a window on all layers. */
final class Phi3 implements Family {
    /** What transformers takes for a key that a configuration hasn't. */
    private static final ImmutableMap<String, Object> DEFAULTS = ImmutableMap.<String, Object>builder()
            .put("vocab_size", 32064)
            .put("hidden_size", 3072)
            .put("intermediate_size", 8192)
            .put("num_hidden_layers", 32)
            .put("num_attention_heads", 32)
            .put("hidden_act", "silu")
            .put("max_position_embeddings", 4096)
            .put("rms_norm_eps", 1e-5)
            .put("tie_word_embeddings", false)
            .put("rope_theta", 10_000.0)
            .put("original_max_position_embeddings", 4096)
            .put("partial_rotary_factor", 1.0)
            .buildOrThrow();

    @Override
    public String name() {
        return "Phi 3";
    }

    @Override
    public ImmutableSet<String> modelTypes() {
        return ImmutableSet.of("phi3");
    }

    @Override
    public String notes() {
        return "Phi 3, 3.5 and 4, mini and medium; not the mixture of experts, not the vision models";
    }

    @Override
    public ImmutableMap<String, Object> defaults() {
        return DEFAULTS;
    }

    @Override
    public Decoder define(ModelConfig config, TensorSource tensors) {
        Dimensions sizes = Dimensions.read(config);
        double epsilon = config.number("rms_norm_eps", Range.EPSILON);
        Layer layer = Layer.of(
                Residual.of(RmsNorm.of("input_layernorm", sizes.width(), epsilon), attention(config, sizes)),
                Residual.of(RmsNorm.of("post_attention_layernorm", sizes.width(), epsilon), sizes.fusedGated(config)));
        Heads heads = Heads.read(config, tensors);
        return Decoder.builder(sizes.width(), sizes.vocabulary())
                .embedding(Embedding.of(heads.embedding()))
                .layers("model.layers.", sizes.layers(), i -> layer)
                .norm(RmsNorm.of("model.norm", sizes.width(), epsilon))
                .head(heads.head())
                .build();
    }

    private static Block attention(ModelConfig config, Dimensions sizes) {
        Linear fused = Linear.of("self_attn.qkv_proj", sizes.width(), sizes.queries() + 2 * sizes.keys(), false);
        Attention.Builder attention = sizes.attention(
                        FusedProjection.inOneGroup(fused, sizes.queries(), sizes.keys()),
                        Linear.of("self_attn.o_proj", sizes.queries(), sizes.width(), false))
                .rotary(RotaryConfig.of(config, "rope_theta")
                        .partial("partial_rotary_factor")
                        .rotary(sizes.headSize()));
        return LayerTypes.window(attention, config).build();
    }
}
