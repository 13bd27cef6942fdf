package org.laco.model.family;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import org.laco.kernel.Activation;
import org.laco.model.block.Block;
import org.laco.model.block.Decoder;
import org.laco.model.block.Embedding;
import org.laco.model.block.Experts;
import org.laco.model.block.Identity;
import org.laco.model.block.Layer;
import org.laco.model.block.Linear;
import org.laco.model.block.Residual;
import org.laco.model.block.RmsNorm;
import org.laco.model.block.SeparateExperts;
import org.laco.model.block.Sequence;
import org.laco.model.block.Shortcut;
import org.laco.model.block.TopExperts;
import org.laco.model.config.ModelConfig;
import org.laco.model.config.Range;
import org.laco.tensor.TensorSource;

/**
 * LongCat Flash: each layer has latent attention and a feed-forward block twice, and experts beside all but the first of these steps, some of which
 * compute nothing.
 */
final class LongcatFlash implements Family {
    /** What transformers takes for a key that a configuration hasn't. */
    private static final ImmutableMap<String, Object> DEFAULTS = ImmutableMap.<String, Object>builder()
            .put("vocab_size", 131072)
            .put("hidden_size", 6144)
            .put("intermediate_size", 12288)
            .put("moe_intermediate_size", 2048)
            .put("num_hidden_layers", 28)
            .put("num_attention_heads", 64)
            .put("q_lora_rank", 1536)
            .put("kv_lora_rank", 512)
            .put("qk_nope_head_dim", 128)
            .put("qk_rope_head_dim", 64)
            .put("v_head_dim", 128)
            .put("n_routed_experts", 512)
            .put("zero_expert_num", 256)
            .put("moe_topk", 12)
            .put("routed_scaling_factor", 6.0)
            .put("hidden_act", "silu")
            .put("max_position_embeddings", 131072)
            .put("rms_norm_eps", 1e-5)
            .put("tie_word_embeddings", false)
            .put("rope_theta", 10_000_000.0)
            .put("attention_bias", false)
            .buildOrThrow();

    @Override
    public String name() {
        return "LongCat Flash";
    }

    @Override
    public ImmutableSet<String> modelTypes() {
        return ImmutableSet.of("longcat_flash");
    }

    @Override
    public String notes() {
        return "LongCat Flash Chat and Thinking; a layer is one of both halves together";
    }

    @Override
    public ImmutableMap<String, Object> defaults() {
        return DEFAULTS;
    }

    @Override
    public ImmutableMap<String, String> synonyms() {
        return ImmutableMap.of(
                "num_layers", "num_hidden_layers",
                "ffn_hidden_size", "intermediate_size",
                "expert_ffn_hidden_size", "moe_intermediate_size");
    }

    @Override
    public Decoder define(ModelConfig config, TensorSource tensors) {
        Dimensions sizes = DeepSeekParts.sizes(config);
        double epsilon = config.number("rms_norm_eps", Range.EPSILON);
        RmsNorm beforeFirst = RmsNorm.of("input_layernorm.0", sizes.width(), epsilon);
        RmsNorm afterFirst = RmsNorm.of("post_attention_layernorm.0", sizes.width(), epsilon);
        RmsNorm beforeSecond = RmsNorm.of("input_layernorm.1", sizes.width(), epsilon);
        RmsNorm afterSecond = RmsNorm.of("post_attention_layernorm.1", sizes.width(), epsilon);
        Layer layer = Layer.of(
                Residual.of(beforeFirst, attention(config, sizes, 0)),
                Residual.of(Shortcut.of(
                        Sequence.of(afterFirst, experts(config, sizes)),
                        Sequence.of(afterFirst, single(config, sizes, 0)),
                        Sequence.of(beforeSecond, attention(config, sizes, 1)),
                        Sequence.of(afterSecond, single(config, sizes, 1)))));
        Heads heads = Heads.read(config, tensors);
        return Decoder.builder(sizes.width(), sizes.vocabulary())
                .embedding(Embedding.of(heads.embedding()))
                .layers("model.layers.", sizes.layers(), i -> layer)
                .norm(RmsNorm.of("model.norm", sizes.width(), epsilon))
                .head(heads.head())
                .build();
    }

    /** Latent vectors count as if they were as wide as hidden states. */
    private static Block attention(ModelConfig config, Dimensions sizes, int half) {
        return DeepSeekParts.attention(
                config,
                sizes,
                "self_attn." + half + ".",
                Math.sqrt((double) sizes.width() / config.integer("q_lora_rank", Range.SIZE)),
                Math.sqrt((double) sizes.width() / config.integer("kv_lora_rank", Range.SIZE)));
    }

    private static Block single(ModelConfig config, Dimensions sizes, int half) {
        return sizes.gated(
                "mlps." + half + ".",
                config.integer("intermediate_size", Range.SIZE),
                false,
                Dimensions.activation(config, "hidden_act"));
    }

    /** Experts by corrected softmax, after those that compute something as many that don't. */
    private static Block experts(ModelConfig config, Dimensions sizes) {
        int computing = DeepSeekParts.experts(config);
        int all = computing + config.integer("zero_expert_num", Range.between(0, 1 << 16), 0);
        int inner = config.integer("moe_intermediate_size", Range.SIZE);
        Activation activation = Dimensions.activation(config, "hidden_act");
        return Experts.of(
                Linear.of("mlp.router.classifier", sizes.width(), all, config.flag("router_bias", false)),
                TopExperts.softmax(config.integer("moe_topk", Range.between(1, all)))
                        .corrected("mlp.router.e_score_correction_bias")
                        .scaled(config.number("routed_scaling_factor", Range.MULTIPLIER)),
                SeparateExperts.of(
                        all,
                        i -> i < computing
                                ? sizes.gated("mlp.experts." + i + ".", inner, false, activation)
                                : new Identity()));
    }
}
