package org.laco.model.family;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import org.laco.kernel.Activation;
import org.laco.model.block.Attention;
import org.laco.model.block.Block;
import org.laco.model.block.Decoder;
import org.laco.model.block.Embedding;
import org.laco.model.block.Layer;
import org.laco.model.block.LayerNorm;
import org.laco.model.block.Parallel;
import org.laco.model.block.Residual;
import org.laco.model.block.RmsNorm;
import org.laco.model.block.Rotary;
import org.laco.model.block.Scaled;
import org.laco.model.block.TopExperts;
import org.laco.model.config.ModelConfig;
import org.laco.model.config.Range;
import org.laco.plan.CollapsePlan;
import org.laco.tensor.TensorSource;

/** Command A+: as Command R7B with experts, and dense layers at the bottom that have windows of their own. */
final class Cohere2Moe implements Family {
    private static final String PREFIX = "prefix_dense_sliding_window_pattern";
    private static final String SHARED = "num_shared_experts";

    /** What transformers takes for a key that a configuration hasn't. */
    private static final ImmutableMap<String, Object> DEFAULTS = ImmutableMap.<String, Object>builder()
            .put("vocab_size", 256000)
            .put("hidden_size", 8192)
            .put("intermediate_size", 22528)
            .put("num_hidden_layers", 40)
            .put("num_attention_heads", 64)
            .put("head_dim", 128)
            .put("hidden_act", "silu")
            .put("max_position_embeddings", 8192)
            .put("layer_norm_eps", 1e-5)
            .put("tie_word_embeddings", true)
            .put("rope_theta", 10_000.0)
            .put("attention_bias", false)
            .put("logit_scale", 0.0625)
            .put("sliding_window", 4096)
            .put("sliding_window_pattern", 4)
            .put("num_experts", 8)
            .put("num_experts_per_tok", 2)
            .put("num_shared_experts", 0)
            .put("shared_expert_combination_strategy", "average")
            .put("expert_selection_fn", "softmax")
            .put("prefix_dense_sliding_window_pattern", 1)
            .put("norm_topk_prob", true)
            .put("first_k_dense_replace", 0)
            .buildOrThrow();

    @Override
    public String name() {
        return "Cohere Command A+";
    }

    @Override
    public ImmutableSet<String> modelTypes() {
        return ImmutableSet.of("cohere2_moe");
    }

    @Override
    public String notes() {
        return "Command A+ with experts; layers with experts and dense layers are kept apart, and full and sliding ones";
    }

    @Override
    public ImmutableMap<String, Object> defaults() {
        return DEFAULTS;
    }

    @Override
    public Decoder define(ModelConfig config, TensorSource tensors) {
        Dimensions sizes = Dimensions.read(config);
        ImmutableList<String> attention = attention(config);
        ImmutableList<String> feedForward = feedForward(config);
        Block single = sizes.gated("mlp.", denseWidth(config), false, Dimensions.activation(config, "hidden_act"));
        Block experts = experts(config, sizes);
        Heads heads = Heads.read(config, tensors);
        return Decoder.builder(sizes.width(), sizes.vocabulary())
                .embedding(Embedding.of(heads.embedding()))
                .layers("model.layers.", sizes.layers(), i -> {
                    boolean dense = FeedForwardTypes.isDense(feedForward.get(i));
                    Block mixer = attention(config, sizes, attention.get(i), dense);
                    Layer layer = Layer.of(Residual.of(
                            norm("input_layernorm", config, sizes), Parallel.of(mixer, dense ? single : experts)));
                    return LayerTypes.mark(SparseLayers.mark(layer, dense), attention.get(i));
                })
                .norm(norm("model.norm", config, sizes))
                .head(heads.head().scaled(config.number("logit_scale", Range.MULTIPLIER)))
                .build();
    }

    private static Block norm(String name, ModelConfig config, Dimensions sizes) {
        double epsilon = config.number("layer_norm_eps", Range.EPSILON);
        return config.has("rms_norm_eps")
                ? RmsNorm.of(name, sizes.width(), config.number("rms_norm_eps", Range.EPSILON))
                : LayerNorm.of(name, sizes.width(), epsilon).withoutBias();
    }

    /** Layers that see all positions don't rotate, but for dense ones where all of them see all. */
    private static Block attention(ModelConfig config, Dimensions sizes, String type, boolean dense) {
        boolean biased = config.flag("attention_bias", false);
        Attention.Builder attention = LayerTypes.window(sizes.attention(biased, "o_proj", biased), type, config);
        Rotary rotary = RotaryConfig.read(config, sizes.headSize()).onInterleavedPairs();
        boolean rotated = type.equals(LayerTypes.SLIDING) || dense && config.integer(PREFIX, Range.COUNT) == 1;
        return rotated ? attention.rotary(rotary).build() : attention.build();
    }

    private static int denseWidth(ModelConfig config) {
        int inner = config.integer("intermediate_size", Range.SIZE);
        return config.integer("prefix_dense_intermediate_size", Range.SIZE, inner);
    }

    private static Block experts(ModelConfig config, Dimensions sizes) {
        int count = config.integer("num_experts", Range.COUNT);
        int inner = config.integer("intermediate_size", Range.SIZE);
        Activation activation = Dimensions.activation(config, "hidden_act");
        Block routed = sizes.experts("mlp.gate", count, choice(config, count), inner, activation);
        if (config.integer(SHARED, Range.between(0, Range.COUNT.most())) == 0) {
            return routed;
        }
        Block both = Parallel.of(
                routed,
                sizes.gated(
                        "mlp.shared_experts.", DeepSeekParts.sharedWidth(config, SHARED, inner), false, activation));
        String strategy = config.string("shared_expert_combination_strategy");
        return switch (strategy) {
            case "sum" -> both;
            case "average" -> new Scaled(both, 0.5);
            default ->
                throw new IllegalArgumentException("config.json: shared_expert_combination_strategy " + strategy
                        + " is not supported, expected average or sum");
        };
    }

    /** Of the largest scores, either the softmax or the sigmoid of each. */
    private static TopExperts choice(ModelConfig config, int count) {
        int chosen = config.integer("num_experts_per_tok", Range.between(1, count));
        String function = config.string("expert_selection_fn");
        return switch (function) {
            case "softmax" -> TopExperts.softmax(chosen).renormalised(true);
            case "sigmoid" -> TopExperts.sigmoid(chosen).renormalised(config.flag("norm_topk_prob", true));
            default ->
                throw new IllegalArgumentException("config.json: expert_selection_fn " + function
                        + " is not supported, expected softmax or sigmoid");
        };
    }

    /** Without a list, each of the two kinds of layers counts its periods by itself. */
    private static ImmutableList<String> attention(ModelConfig config) {
        int dense = DeepSeekParts.dense(config);
        int prefix = config.integer(PREFIX, Range.COUNT);
        int period = config.integer("sliding_window_pattern", Range.COUNT);
        return LayerTypes.read(config, i -> (i < dense ? (i + 1) % prefix : (i - dense + 1) % period) != 0);
    }

    private static ImmutableList<String> feedForward(ModelConfig config) {
        return FeedForwardTypes.read(config, DeepSeekParts.dense(config));
    }

    @Override
    public ModelConfig collapse(ModelConfig config, CollapsePlan plan) {
        ModelConfig collapsed = LayerKeys.named("num_hidden_layers").collapse(config, plan);
        ModelConfig kept = FeedForwardTypes.keep(config, collapsed, plan, Cohere2Moe::feedForward);
        return LayerTypes.keep(config, kept, plan, Cohere2Moe::attention);
    }
}
