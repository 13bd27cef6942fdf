package org.laco.model.family;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
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
import org.laco.model.config.Range;
import org.laco.tensor.TensorSource;

/** GPT-NeoX and Pythia: layer norms, attention and feed-forward side by side, queries, keys and values fused head by head. */
final class GptNeoX implements Family {
    /** What transformers takes for a key that a configuration hasn't. */
    private static final ImmutableMap<String, Object> DEFAULTS = ImmutableMap.<String, Object>builder()
            .put("vocab_size", 50432)
            .put("hidden_size", 6144)
            .put("intermediate_size", 24576)
            .put("num_hidden_layers", 44)
            .put("num_attention_heads", 64)
            .put("hidden_act", "gelu")
            .put("max_position_embeddings", 2048)
            .put("layer_norm_eps", 1e-5)
            .put("tie_word_embeddings", false)
            .put("rotary_emb_base", 10_000.0)
            .put("rotary_pct", 0.25)
            .put("attention_bias", true)
            .put("use_parallel_residual", true)
            .buildOrThrow();

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
    public ImmutableMap<String, Object> defaults() {
        return DEFAULTS;
    }

    @Override
    public String prefix() {
        return "gpt_neox.";
    }

    @Override
    public Decoder define(ModelConfig config, TensorSource tensors) {
        Dimensions sizes = Dimensions.read(config);
        double epsilon = config.number("layer_norm_eps", Range.EPSILON);
        LayerNorm one = LayerNorm.of("input_layernorm", sizes.width(), epsilon);
        LayerNorm other = LayerNorm.of("post_attention_layernorm", sizes.width(), epsilon);
        Block attention = attention(config, sizes);
        Block feedForward = feedForward(config, sizes.width());
        Layer layer = config.flag("use_parallel_residual", false)
                ? Layer.of(Residual.parallel(ImmutableList.of(one, attention), ImmutableList.of(other, feedForward)))
                : Layer.of(Residual.of(one, attention), Residual.of(other, feedForward));
        Heads heads = Heads.read(config, tensors, "gpt_neox.embed_in.weight", "embed_out.weight");
        return Decoder.builder(sizes.width(), sizes.vocabulary())
                .embedding(Embedding.of(heads.embedding()))
                .layers("gpt_neox.layers.", sizes.layers(), i -> layer)
                .norm(LayerNorm.of("gpt_neox.final_layer_norm", sizes.width(), epsilon))
                .head(heads.head())
                .build();
    }

    private static Block attention(ModelConfig config, Dimensions sizes) {
        boolean biased = config.flag("attention_bias", false);
        Linear fused = Linear.of("attention.query_key_value", sizes.width(), 3 * sizes.width(), biased);
        return sizes.attention(
                        new FusedProjection(fused, sizes.heads(), sizes.headSize(), sizes.headSize()),
                        Linear.of("attention.dense", sizes.width(), sizes.width(), biased))
                .rotary(RotaryConfig.of(config, "rotary_emb_base")
                        .partial("rotary_pct")
                        .rotary(sizes.headSize()))
                .build();
    }

    private static Block feedForward(ModelConfig config, int width) {
        int inner = config.integer("intermediate_size", Range.SIZE);
        return new FeedForward(
                Linear.of("mlp.dense_h_to_4h", width, inner, true),
                Linear.of("mlp.dense_4h_to_h", inner, width, true),
                Dimensions.activation(config, "hidden_act"));
    }
}
