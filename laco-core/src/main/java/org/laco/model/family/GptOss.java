package org.laco.model.family;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import org.laco.model.block.Block;
import org.laco.model.block.ClampedGate;
import org.laco.model.block.Decoder;
import org.laco.model.block.Embedding;
import org.laco.model.block.Experts;
import org.laco.model.block.Layer;
import org.laco.model.block.Linear;
import org.laco.model.block.Residual;
import org.laco.model.block.RmsNorm;
import org.laco.model.block.StackLayout;
import org.laco.model.block.StackedExperts;
import org.laco.model.block.TopExperts;
import org.laco.model.config.ModelConfig;
import org.laco.model.config.Range;
import org.laco.plan.CollapsePlan;
import org.laco.tensor.TensorSource;

/** gpt-oss: attention with sinks, full and in a window in turns, and experts with a clamped gate. */
final class GptOss implements Family {
    /** What transformers takes for a key that a configuration hasn't. */
    private static final ImmutableMap<String, Object> DEFAULTS = ImmutableMap.<String, Object>builder()
            .put("vocab_size", 201088)
            .put("hidden_size", 2880)
            .put("intermediate_size", 2880)
            .put("num_hidden_layers", 36)
            .put("num_attention_heads", 64)
            .put("num_key_value_heads", 8)
            .put("head_dim", 64)
            .put("max_position_embeddings", 131072)
            .put("rms_norm_eps", 1e-5)
            .put("tie_word_embeddings", false)
            .put("rope_theta", 150_000.0)
            .put(
                    "rope_parameters",
                    ImmutableMap.of(
                            "rope_type",
                            "yarn",
                            "factor",
                            32.0,
                            "beta_fast",
                            32.0,
                            "beta_slow",
                            1.0,
                            "truncate",
                            false,
                            "original_max_position_embeddings",
                            4096))
            .put("attention_bias", true)
            .put("sliding_window", 128)
            .put("num_local_experts", 128)
            .put("num_experts_per_tok", 4)
            .put("swiglu_alpha", 1.702)
            .put("swiglu_limit", 7.0)
            .buildOrThrow();

    @Override
    public String name() {
        return "gpt-oss";
    }

    @Override
    public ImmutableSet<String> modelTypes() {
        return ImmutableSet.of("gpt_oss");
    }

    @Override
    public String notes() {
        return "MXFP4 experts are decoded; full and sliding layers alternate in released models, so that only layers two apart merge";
    }

    @Override
    public ImmutableMap<String, Object> defaults() {
        return DEFAULTS;
    }

    @Override
    public Decoder define(ModelConfig config, TensorSource tensors) {
        Dimensions sizes = Dimensions.read(config);
        double epsilon = config.number("rms_norm_eps", Range.EPSILON);
        Block experts = experts(config, sizes.width());
        ImmutableList<String> types = types(config);
        Heads heads = Heads.read(config, tensors);
        return Decoder.builder(sizes.width(), sizes.vocabulary())
                .embedding(Embedding.of(heads.embedding()))
                .layers("model.layers.", sizes.layers(), i -> {
                    Layer layer = Layer.of(
                            Residual.of(
                                    RmsNorm.of("input_layernorm", sizes.width(), epsilon),
                                    attention(config, sizes, types.get(i))),
                            Residual.of(RmsNorm.of("post_attention_layernorm", sizes.width(), epsilon), experts));
                    return LayerTypes.mark(layer, types.get(i));
                })
                .norm(RmsNorm.of("model.norm", sizes.width(), epsilon))
                .head(heads.head())
                .build();
    }

    private static Block attention(ModelConfig config, Dimensions sizes, String type) {
        boolean biased = config.flag("attention_bias", true);
        return LayerTypes.window(sizes.attention(biased, "o_proj", biased), type, config)
                .rotary(RotaryConfig.read(config, sizes.headSize()))
                .sinks("self_attn.sinks")
                .build();
    }

    private static Block experts(ModelConfig config, int width) {
        int count = config.integer(
                config.values().containsKey("num_experts") ? "num_experts" : "num_local_experts", Range.COUNT);
        StackedExperts experts = StackedExperts.of(
                        "mlp.experts.gate_up_proj",
                        "mlp.experts.down_proj",
                        count,
                        width,
                        config.integer("intermediate_size", Range.SIZE),
                        StackLayout.INTERLEAVED_COLUMNS,
                        new ClampedGate(
                                config.number("swiglu_limit", Range.MULTIPLIER),
                                config.number("swiglu_alpha", Range.MULTIPLIER)))
                .biased("mlp.experts.gate_up_proj_bias", "mlp.experts.down_proj_bias");
        return Experts.of(
                Linear.of("mlp.router", width, count, true),
                TopExperts.softmax(config.integer("num_experts_per_tok", Range.between(1, count)))
                        .renormalised(true),
                experts);
    }

    private static ImmutableList<String> types(ModelConfig config) {
        return LayerTypes.read(config, i -> i % 2 == 0);
    }

    @Override
    public ModelConfig collapse(ModelConfig config, CollapsePlan plan) {
        ModelConfig collapsed = LayerKeys.named("num_hidden_layers").collapse(config, plan);
        return LayerTypes.keep(config, collapsed, plan, GptOss::types);
    }
}
