package org.laco.model.family;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableSet;
import org.laco.model.block.Block;
import org.laco.model.block.Decoder;
import org.laco.model.block.Embedding;
import org.laco.model.block.Layer;
import org.laco.model.block.LayerNorm;
import org.laco.model.block.Parallel;
import org.laco.model.block.Residual;
import org.laco.model.config.ModelConfig;
import org.laco.tensor.TensorSource;

/** StableLM: layer norms, a share of each head rotated, gated feed-forward, in some models parallel to attention. */
final class StableLm implements Family {
    @Override
    public String name() {
        return "StableLM";
    }

    @Override
    public ImmutableSet<String> modelTypes() {
        return ImmutableSet.of("stablelm");
    }

    @Override
    public String notes() {
        return "StableLM 3B, Zephyr and 2; not those with norms of queries and keys (12B)";
    }

    @Override
    public Decoder define(ModelConfig config, TensorSource tensors) {
        checkArgument(
                !config.flag("qk_layernorm", false),
                "config.json: qk_layernorm true is not supported for stablelm, expected false");
        Dimensions sizes = Dimensions.read(config);
        double epsilon = config.number("layer_norm_eps", 1e-5);
        Block attention = sizes.attention(config.flag("use_qkv_bias", false), "o_proj", false)
                .rotary(RotaryConfig.of(config, 10_000)
                        .partial("partial_rotary_factor", 0.25)
                        .rotary(sizes.headSize()))
                .build();
        Block feedForward = sizes.gated(config, false);
        LayerNorm before = LayerNorm.of("input_layernorm", sizes.width(), epsilon);
        Layer layer = config.flag("use_parallel_residual", false)
                ? Layer.of(Residual.of(before, Parallel.of(attention, feedForward)))
                : Layer.of(
                        Residual.of(before, attention),
                        Residual.of(LayerNorm.of("post_attention_layernorm", sizes.width(), epsilon), feedForward));
        return Decoder.builder(sizes.width(), sizes.vocabulary())
                .embedding(Embedding.of(Heads.EMBEDDING))
                .layers("model.layers.", sizes.layers(), i -> layer)
                .norm(LayerNorm.of("model.norm", sizes.width(), epsilon))
                .head(Heads.read(config, false))
                .build();
    }
}
