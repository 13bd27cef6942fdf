package org.laco.model.family;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import org.laco.kernel.Activation;
import org.laco.model.block.Block;
import org.laco.model.block.Decoder;
import org.laco.model.block.Embedding;
import org.laco.model.block.FeedForward;
import org.laco.model.block.FusedProjection;
import org.laco.model.block.Layer;
import org.laco.model.block.LayerNorm;
import org.laco.model.block.Linear;
import org.laco.model.block.Residual;
import org.laco.model.config.ModelConfig;
import org.laco.tensor.TensorSource;

/** GPT-NeoX and Pythia: layer norms, attention and feed-forward side by side, queries, keys and values fused head by head. */
final class GptNeoX implements Family {
    @Override
    public String name() {
        return "GPT-NeoX";
    }

    @Override
    public ImmutableSet<String> modelTypes() {
        return ImmutableSet.of("gpt_neox");
    }

    @Override
    public String notes() {
        return "GPT-NeoX, Pythia, Dolly, RedPajama; stored masks and frequencies are carried along";
    }

    @Override
    public Decoder define(ModelConfig config, TensorSource tensors) {
        Dimensions sizes = Dimensions.read(config);
        double epsilon = config.number("layer_norm_eps", 1e-5);
        LayerNorm one = LayerNorm.of("input_layernorm", sizes.width(), epsilon);
        LayerNorm other = LayerNorm.of("post_attention_layernorm", sizes.width(), epsilon);
        Block attention = attention(config, sizes);
        Block feedForward = feedForward(config, sizes.width());
        Layer layer = config.flag("use_parallel_residual", true)
                ? Layer.of(Residual.parallel(ImmutableList.of(one, attention), ImmutableList.of(other, feedForward)))
                : Layer.of(Residual.of(one, attention), Residual.of(other, feedForward));
        return Decoder.builder(sizes.width(), sizes.vocabulary())
                .embedding(Embedding.of("gpt_neox.embed_in.weight"))
                .layers("gpt_neox.layers.", sizes.layers(), i -> layer)
                .norm(LayerNorm.of("gpt_neox.final_layer_norm", sizes.width(), epsilon))
                .head(Heads.read(config, false, "gpt_neox.embed_in.weight", "embed_out.weight"))
                .build();
    }

    private static Block attention(ModelConfig config, Dimensions sizes) {
        boolean biased = config.flag("attention_bias", true);
        Linear fused = Linear.of("attention.query_key_value", sizes.width(), 3 * sizes.width(), biased);
        return sizes.attention(
                        new FusedProjection(fused, sizes.heads(), sizes.headSize(), sizes.headSize()),
                        Linear.of("attention.dense", sizes.width(), sizes.width(), biased))
                .rotary(RotaryConfig.of(config, config.number("rotary_emb_base", 10_000))
                        .partial("rotary_pct", 0.25)
                        .rotary(sizes.headSize()))
                .build();
    }

    private static Block feedForward(ModelConfig config, int width) {
        int inner = config.integer("intermediate_size");
        return new FeedForward(
                Linear.of("mlp.dense_h_to_4h", width, inner, true),
                Linear.of("mlp.dense_4h_to_h", inner, width, true),
                Activation.named(config.string("hidden_act", "gelu")));
    }
}
