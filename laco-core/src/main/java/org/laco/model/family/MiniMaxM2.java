package org.laco.model.family;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import org.laco.kernel.Activation;
import org.laco.model.block.Block;
import org.laco.model.block.Decoder;
import org.laco.model.block.Embedding;
import org.laco.model.block.Experts;
import org.laco.model.block.Layer;
import org.laco.model.block.Linear;
import org.laco.model.block.Residual;
import org.laco.model.block.RmsNorm;
import org.laco.model.block.SeparateExperts;
import org.laco.model.block.TopExperts;
import org.laco.model.config.ModelConfig;
import org.laco.model.config.Range;
import org.laco.tensor.TensorSource;

/** MiniMax M2: experts by a corrected sigmoid in every layer, norms of all queries and of all keys together, partly rotary heads. */
final class MiniMaxM2 implements Family {
    private static final String SHARE = "partial_rotary_factor";

    /** What transformers takes for a key that a configuration hasn't. */
    private static final ImmutableMap<String, Object> DEFAULTS = ImmutableMap.<String, Object>builder()
            .put("vocab_size", 200064)
            .put("hidden_size", 3072)
            .put("intermediate_size", 1536)
            .put("num_hidden_layers", 62)
            .put("num_attention_heads", 48)
            .put("num_key_value_heads", 8)
            .put("head_dim", 128)
            .put("hidden_act", "silu")
            .put("max_position_embeddings", 196608)
            .put("rms_norm_eps", 1e-6)
            .put("tie_word_embeddings", false)
            .put("rope_theta", 5_000_000.0)
            .put("num_experts_per_tok", 8)
            .put("num_local_experts", 256)
            .buildOrThrow();

    @Override
    public String name() {
        return "MiniMax M2";
    }

    @Override
    public ImmutableSet<String> modelTypes() {
        return ImmutableSet.of("minimax_m2");
    }

    @Override
    public String notes() {
        return "M2, M2.1 and M2.5; experts and routers merge one by one";
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
                Residual.of(RmsNorm.of("input_layernorm", sizes.width(), epsilon), attention(config, sizes, epsilon)),
                Residual.of(
                        RmsNorm.of("post_attention_layernorm", sizes.width(), epsilon),
                        experts(config, sizes.width())));
        Heads heads = Heads.read(config, tensors);
        return Decoder.builder(sizes.width(), sizes.vocabulary())
                .embedding(Embedding.of(heads.embedding()))
                .layers("model.layers.", sizes.layers(), i -> layer)
                .norm(RmsNorm.of("model.norm", sizes.width(), epsilon))
                .head(heads.head())
                .build();
    }

    private static Block attention(ModelConfig config, Dimensions sizes, double epsilon) {
        return sizes.attention(false, "o_proj", false)
                .queryKeyNorms(
                        RmsNorm.of("self_attn.q_norm", sizes.queries(), epsilon),
                        RmsNorm.of("self_attn.k_norm", sizes.keys(), epsilon))
                .rotary(RotaryConfig.of(partial(config, sizes.headSize()), "rope_theta")
                        .partial(SHARE)
                        .rotary(sizes.headSize()))
                .build();
    }

    /** Released configurations have the number of rotated elements in the place of their share. */
    private static ModelConfig partial(ModelConfig config, int headSize) {
        if (config.has(SHARE)) {
            return config;
        }
        int rotated = config.integer("rotary_dim", Range.between(2, headSize), headSize);
        return config.with(SHARE, rotated / (double) headSize);
    }

    private static Block experts(ModelConfig config, int width) {
        DeepSeekParts.expect(config, "scoring_func", "sigmoid");
        int count = config.integer(config.has("num_experts") ? "num_experts" : "num_local_experts", Range.COUNT);
        int inner = config.integer("intermediate_size", Range.SIZE);
        Activation activation = Dimensions.activation(config, "hidden_act");
        return Experts.of(
                Linear.of("block_sparse_moe.gate", width, count, false),
                TopExperts.sigmoid(config.integer("num_experts_per_tok", Range.between(1, count)))
                        .corrected("block_sparse_moe.e_score_correction_bias")
                        .renormalised(true),
                SeparateExperts.of(
                        count, i -> Mixtral.expert("block_sparse_moe.experts." + i + ".", width, inner, activation)));
    }
}
