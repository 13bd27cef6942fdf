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
import org.laco.model.block.Linear;
import org.laco.model.block.OutputGateProjection;
import org.laco.model.block.Parallel;
import org.laco.model.block.Residual;
import org.laco.model.block.Rotary;
import org.laco.model.block.TopExperts;
import org.laco.model.config.ModelConfig;
import org.laco.model.config.Range;
import org.laco.plan.CollapsePlan;
import org.laco.tensor.TensorSource;

/** AFMoE: norms before and after both blocks, attention with gates and, in a window, with positions, and experts chosen by a corrected sigmoid. */
final class AfMoe implements Family {
    private static final String DENSE = "num_dense_layers";

    /** What transformers takes for a key that a configuration hasn't. */
    private static final ImmutableMap<String, Object> DEFAULTS = ImmutableMap.<String, Object>builder()
            .put("vocab_size", 200192)
            .put("hidden_size", 2048)
            .put("intermediate_size", 6144)
            .put("num_hidden_layers", 32)
            .put("num_attention_heads", 16)
            .put("head_dim", 128)
            .put("hidden_act", "silu")
            .put("max_position_embeddings", 16384)
            .put("rms_norm_eps", 1e-5)
            .put("tie_word_embeddings", false)
            .put("rope_theta", 10_000.0)
            .put("attention_bias", false)
            .put("moe_intermediate_size", 1408)
            .put("num_dense_layers", 1)
            .put("num_experts", 64)
            .put("num_experts_per_tok", 6)
            .put("num_shared_experts", 2)
            .put("route_scale", 1.0)
            .put("global_attn_every_n_layers", 4)
            .put("sliding_window", 1024)
            .put("mup_enabled", false)
            .buildOrThrow();

    @Override
    public String name() {
        return "AFMoE";
    }

    @Override
    public ImmutableSet<String> modelTypes() {
        return ImmutableSet.of("afmoe");
    }

    @Override
    public String notes() {
        return "Trinity of Arcee; layers with experts and dense layers are kept apart, and full and sliding ones";
    }

    @Override
    public ImmutableMap<String, Object> defaults() {
        return DEFAULTS;
    }

    @Override
    public Decoder define(ModelConfig config, TensorSource tensors) {
        LlamaParts parts = LlamaParts.read(config, tensors);
        Dimensions sizes = parts.sizes();
        Block single = sizes.gated(config, false);
        Block experts = experts(config, sizes);
        int dense = DeepSeekParts.dense(config, DENSE);
        ImmutableList<String> types = types(config);
        double scale = config.flag("mup_enabled", false) ? Math.sqrt(sizes.width()) : 1;
        return parts.builder(i -> {
                    Layer layer = Layer.of(
                            Residual.of(
                                    parts.norm("input_layernorm"),
                                    attention(config, parts, types.get(i)),
                                    parts.norm("post_attention_layernorm")),
                            Residual.of(
                                    parts.norm("pre_mlp_layernorm"),
                                    i < dense ? single : experts,
                                    parts.norm("post_mlp_layernorm")));
                    return LayerTypes.mark(SparseLayers.mark(layer, i < dense), types.get(i));
                })
                .embedding(Embedding.of(parts.heads().embedding()).scaled(scale))
                .build();
    }

    private static Block attention(ModelConfig config, LlamaParts parts, String type) {
        Dimensions sizes = parts.sizes();
        boolean biased = config.flag("attention_bias", false);
        Attention.Builder attention = LayerTypes.window(sizes.attention(biased, "o_proj", biased), type, config)
                .projection(new OutputGateProjection(
                        sizes.projection(biased),
                        Linear.of("self_attn.gate_proj", sizes.width(), sizes.queries(), false)))
                .queryKeyNorms(
                        parts.norm("self_attn.q_norm", sizes.headSize()),
                        parts.norm("self_attn.k_norm", sizes.headSize()));
        Rotary rotary = RotaryConfig.read(config, sizes.headSize());
        return type.equals(LayerTypes.SLIDING) ? attention.rotary(rotary).build() : attention.build();
    }

    private static Block experts(ModelConfig config, Dimensions sizes) {
        int count = config.integer("num_experts", Range.COUNT);
        int inner = config.integer("moe_intermediate_size", Range.SIZE);
        Activation activation = Dimensions.activation(config, "hidden_act");
        TopExperts choice = TopExperts.sigmoid(config.integer("num_experts_per_tok", Range.between(1, count)))
                .corrected("mlp.expert_bias")
                .renormalised(true)
                .scaled(config.number("route_scale", Range.MULTIPLIER));
        return Parallel.of(
                sizes.experts("mlp.router.gate", count, choice, inner, activation),
                sizes.gated(
                        "mlp.shared_experts.",
                        DeepSeekParts.sharedWidth(config, "num_shared_experts", inner),
                        false,
                        activation));
    }

    private static ImmutableList<String> types(ModelConfig config) {
        return LayerTypes.read(config, LayerTypes.allButEach(config, "global_attn_every_n_layers"));
    }

    @Override
    public ModelConfig collapse(ModelConfig config, CollapsePlan plan) {
        ModelConfig collapsed = LayerKeys.named("num_hidden_layers").collapse(config, plan);
        ModelConfig kept = DeepSeekParts.keepDense(config, collapsed, plan, DENSE);
        return LayerTypes.keep(config, kept, plan, AfMoe::types);
    }
}
