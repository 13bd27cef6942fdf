package org.laco.model.family;

import com.google.common.collect.ImmutableSet;
import org.laco.kernel.Activation;
import org.laco.model.block.Attention;
import org.laco.model.block.Block;
import org.laco.model.block.Decoder;
import org.laco.model.block.Embedding;
import org.laco.model.block.FusedGatedFeedForward;
import org.laco.model.block.FusedProjection;
import org.laco.model.block.Layer;
import org.laco.model.block.Linear;
import org.laco.model.block.Residual;
import org.laco.model.block.RmsNorm;
import org.laco.model.config.ModelConfig;
import org.laco.tensor.TensorSource;

/** Phi 3, 3.5 and 4: as Llama with fused maps, a share of each head rotated, LongRoPE, and a window on all layers. */
final class Phi3 implements Family {
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
    public Decoder define(ModelConfig config, TensorSource tensors) {
        Dimensions sizes = Dimensions.read(config);
        double epsilon = config.number("rms_norm_eps", 1e-5);
        Layer layer = Layer.of(
                Residual.of(RmsNorm.of("input_layernorm", sizes.width(), epsilon), attention(config, sizes)),
                Residual.of(
                        RmsNorm.of("post_attention_layernorm", sizes.width(), epsilon),
                        feedForward(config, sizes.width())));
        return Decoder.builder(sizes.width(), sizes.vocabulary())
                .embedding(Embedding.of(Heads.EMBEDDING))
                .layers("model.layers.", sizes.layers(), i -> layer)
                .norm(RmsNorm.of("model.norm", sizes.width(), epsilon))
                .head(Heads.read(config, false))
                .build();
    }

    private static Block attention(ModelConfig config, Dimensions sizes) {
        Linear fused = Linear.of("self_attn.qkv_proj", sizes.width(), sizes.queries() + 2 * sizes.keys(), false);
        Attention.Builder attention = sizes.attention(
                        FusedProjection.inOneGroup(fused, sizes.queries(), sizes.keys()),
                        Linear.of("self_attn.o_proj", sizes.queries(), sizes.width(), false))
                .rotary(RotaryConfig.of(config, 10_000)
                        .partial("partial_rotary_factor", 1)
                        .rotary(sizes.headSize()));
        return (config.has("sliding_window") ? attention.window(config.integer("sliding_window")) : attention).build();
    }

    private static Block feedForward(ModelConfig config, int width) {
        int inner = config.integer("intermediate_size");
        return new FusedGatedFeedForward(
                Linear.of("mlp.gate_up_proj", width, 2 * inner, false),
                Linear.of("mlp.down_proj", inner, width, false),
                Activation.named(config.string("hidden_act", "silu")));
    }
}
