package org.laco.model.family;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import org.laco.kernel.Activation;
import org.laco.model.block.Attention;
import org.laco.model.block.Block;
import org.laco.model.block.Decoder;
import org.laco.model.block.Embedding;
import org.laco.model.block.Experts;
import org.laco.model.block.Layer;
import org.laco.model.block.LayerNorm;
import org.laco.model.block.Linear;
import org.laco.model.block.Residual;
import org.laco.model.block.Rotary;
import org.laco.model.block.SeparateExperts;
import org.laco.model.block.SparseMixer;
import org.laco.model.config.ModelConfig;
import org.laco.model.config.Range;
import org.laco.tensor.TensorSource;

/** Phi 3.5 MoE: as Mixtral with layer norms, two experts chosen one after the other, and a head with a bias. */
final class PhiMoe implements Family {
    private static final String SHORT = "short_mscale";
    private static final String LONG = "long_mscale";

    /** What transformers takes for a key that a configuration hasn't. */
    private static final ImmutableMap<String, Object> DEFAULTS = ImmutableMap.<String, Object>builder()
            .put("vocab_size", 32064)
            .put("hidden_size", 4096)
            .put("intermediate_size", 6400)
            .put("num_hidden_layers", 32)
            .put("num_attention_heads", 32)
            .put("num_key_value_heads", 8)
            .put("hidden_act", "silu")
            .put("max_position_embeddings", 131072)
            .put("rms_norm_eps", 1e-5)
            .put("tie_word_embeddings", false)
            .put("rope_theta", 1_000_000.0)
            .put("attention_bias", false)
            .put("num_local_experts", 16)
            .put("num_experts_per_tok", 2)
            .put("router_jitter_noise", 0.01)
            .put("lm_head_bias", false)
            .buildOrThrow();

    @Override
    public String name() {
        return "Phi MoE";
    }

    @Override
    public ImmutableSet<String> modelTypes() {
        return ImmutableSet.of("phimoe");
    }

    @Override
    public String notes() {
        return "Phi 3.5 MoE, Phi mini MoE and tiny MoE; experts and routers merge one by one";
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
                Residual.of(LayerNorm.of("input_layernorm", sizes.width(), epsilon), attention(config, sizes)),
                Residual.of(
                        LayerNorm.of("post_attention_layernorm", sizes.width(), epsilon),
                        experts(config, sizes.width())));
        Heads heads = Heads.read(config, tensors);
        boolean biased = config.flag("lm_head_bias", false);
        checkArgument(
                !biased || heads.head().weight().equals(Heads.HEAD),
                "config.json: tie_word_embeddings true is not supported for a head with a bias (lm_head_bias), expected false,"
                        + " or a file with %s",
                Heads.HEAD);
        return Decoder.builder(sizes.width(), sizes.vocabulary())
                .embedding(Embedding.of(heads.embedding()))
                .layers("model.layers.", sizes.layers(), i -> layer)
                .norm(LayerNorm.of("model.norm", sizes.width(), epsilon))
                .head(biased ? heads.head().withBias() : heads.head())
                .build();
    }

    private static Block attention(ModelConfig config, Dimensions sizes) {
        boolean biased = config.flag("attention_bias", false);
        Attention.Builder attention =
                sizes.attention(biased, "o_proj", biased).rotary(rotary(config, sizes.headSize()));
        return LayerTypes.window(attention, config).build();
    }

    /** LongRoPE with a factor of cosines and sines of its own, which could be one for short sequences and another one for long ones. */
    private static Rotary rotary(ModelConfig config, int headSize) {
        ModelConfig parameters = RotaryConfig.parameters(config);
        if (!parameters.has(SHORT)) {
            return RotaryConfig.read(config, headSize);
        }
        double factor = parameters.number(SHORT, Range.POSITIVE);
        checkArgument(
                parameters.number(LONG, Range.POSITIVE, factor) == factor,
                "config.json: %s %s is not supported beside %s %s, expected the same",
                LONG,
                parameters.number(LONG, factor),
                SHORT,
                factor);
        return RotaryConfig.of(config, parameters.with("attention_factor", factor), "rope_theta")
                .rotary(headSize);
    }

    private static Block experts(ModelConfig config, int width) {
        int count = config.integer("num_local_experts", Range.COUNT);
        int inner = config.integer("intermediate_size", Range.SIZE);
        config.integer("num_experts_per_tok", Range.between(2, 2));
        Activation activation = Dimensions.activation(config, "hidden_act");
        return Experts.of(
                Linear.of("block_sparse_moe.gate", width, count, false),
                new SparseMixer(config.number("router_jitter_noise", Range.between(0, 1))),
                SeparateExperts.of(
                        count, i -> Mixtral.expert("block_sparse_moe.experts." + i + ".", width, inner, activation)));
    }
}
