package org.laco.model.family;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import org.laco.model.block.Block;
import org.laco.model.block.Decoder;
import org.laco.model.block.Embedding;
import org.laco.model.block.Layer;
import org.laco.model.block.LayerNorm;
import org.laco.model.block.Parallel;
import org.laco.model.block.Residual;
import org.laco.model.config.ModelConfig;
import org.laco.model.config.Range;
import org.laco.tensor.TensorSource;

/** Command R: one layer norm without bias feeds attention and feed-forward, neighbouring elements are rotated as pairs, scaled logits. */
final class Cohere implements Family {
    /** What transformers takes for a key that a configuration hasn't. */
    private static final ImmutableMap<String, Object> DEFAULTS = ImmutableMap.<String, Object>builder()
            .put("vocab_size", 256000)
            .put("hidden_size", 8192)
            .put("intermediate_size", 22528)
            .put("num_hidden_layers", 40)
            .put("num_attention_heads", 64)
            .put("hidden_act", "silu")
            .put("max_position_embeddings", 8192)
            .put("layer_norm_eps", 1e-5)
            .put("tie_word_embeddings", true)
            .put("rope_theta", 500_000.0)
            .put("attention_bias", false)
            .put("logit_scale", 0.0625)
            .put("use_qk_norm", false)
            .buildOrThrow();

    @Override
    public String name() {
        return "Cohere Command R";
    }

    @Override
    public ImmutableSet<String> modelTypes() {
        return ImmutableSet.of("cohere");
    }

    @Override
    public String notes() {
        return "Command R, Aya; not those with norms of queries and keys (Command R+)";
    }

    @Override
    public ImmutableMap<String, Object> defaults() {
        return DEFAULTS;
    }

    @Override
    public Decoder define(ModelConfig config, TensorSource tensors) {
        checkArgument(
                !config.flag("use_qk_norm", false),
                "config.json: use_qk_norm true is not supported for cohere, expected false");
        Dimensions sizes = Dimensions.read(config);
        double epsilon = config.number("layer_norm_eps", Range.EPSILON);
        boolean biased = config.flag("attention_bias", false);
        Block attention = sizes.attention(biased, "o_proj", biased)
                .rotary(RotaryConfig.of(config, "rope_theta")
                        .rotary(sizes.headSize())
                        .onInterleavedPairs())
                .build();
        Layer layer = Layer.of(Residual.of(
                LayerNorm.of("input_layernorm", sizes.width(), epsilon).withoutBias(),
                Parallel.of(attention, sizes.gated(config, false))));
        Heads heads = Heads.read(config, tensors);
        return Decoder.builder(sizes.width(), sizes.vocabulary())
                .embedding(Embedding.of(heads.embedding()))
                .layers("model.layers.", sizes.layers(), i -> layer)
                .norm(LayerNorm.of("model.norm", sizes.width(), epsilon).withoutBias())
                .head(heads.head().scaled(config.number("logit_scale", Range.MULTIPLIER)))
                .build();
    }
}
