package org.laco.model.family;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import java.util.stream.IntStream;
import org.laco.kernel.Activation;
import org.laco.model.block.Block;
import org.laco.model.block.Decoder;
import org.laco.model.block.Experts;
import org.laco.model.block.Layer;
import org.laco.model.block.Linear;
import org.laco.model.block.OutputGateProjection;
import org.laco.model.block.Parallel;
import org.laco.model.block.RepeatedColumns;
import org.laco.model.block.SeparateExperts;
import org.laco.model.block.Sequence;
import org.laco.model.block.SoftCap;
import org.laco.model.block.Softplus;
import org.laco.model.block.TopExperts;
import org.laco.model.config.ModelConfig;
import org.laco.model.config.Range;
import org.laco.plan.CollapsePlan;
import org.laco.tensor.TensorSource;

/** Laguna: layers of two kinds of attention, each with heads of its own number and a gate of them; experts but for the lowest layers. */
final class Laguna implements Family {
    /** What transformers takes for a key that a configuration hasn't. */
    private static final ImmutableMap<String, Object> DEFAULTS = ImmutableMap.<String, Object>builder()
            .put("vocab_size", 100352)
            .put("hidden_size", 2048)
            .put("intermediate_size", 8192)
            .put("num_hidden_layers", 40)
            .put("num_attention_heads", 48)
            .put("num_key_value_heads", 8)
            .put("head_dim", 128)
            .put("hidden_act", "silu")
            .put("max_position_embeddings", 131072)
            .put("rms_norm_eps", 1e-6)
            .put("tie_word_embeddings", false)
            .put("sliding_window", 512)
            .put("attention_bias", false)
            .put("num_experts", 256)
            .put("num_experts_per_tok", 8)
            .put("moe_intermediate_size", 512)
            .put("shared_expert_intermediate_size", 512)
            .put("moe_routed_scaling_factor", 1.0)
            .put("moe_apply_router_weight_on_input", false)
            .put("moe_router_logit_softcapping", 0.0)
            .buildOrThrow();

    private static final String SHARE = "partial_rotary_factor";
    private static final String HEADS = "num_attention_heads_per_layer";

    @Override
    public String name() {
        return "Laguna";
    }

    @Override
    public ImmutableSet<String> modelTypes() {
        return ImmutableSet.of("laguna");
    }

    @Override
    public String notes() {
        return "Laguna of Poolside; layers with experts and dense layers are kept apart, and full and sliding ones";
    }

    @Override
    public ImmutableMap<String, Object> defaults() {
        return DEFAULTS;
    }

    @Override
    public Decoder define(ModelConfig config, TensorSource tensors) {
        checkArgument(
                !config.flag("moe_apply_router_weight_on_input", false),
                "config.json: moe_apply_router_weight_on_input true is not supported, expected false");
        LlamaParts parts = LlamaParts.read(config, tensors);
        Block single = parts.sizes().gated(config, false);
        Block experts = experts(config, parts.sizes());
        ImmutableList<String> types = attention(config);
        ImmutableList<String> feedForward = feedForward(config);
        ImmutableList<Integer> heads = heads(config);
        return parts.decoder(i -> {
            boolean dense = FeedForwardTypes.isDense(feedForward.get(i));
            Layer layer = parts.layer(attention(config, parts, types.get(i), heads.get(i)), dense ? single : experts);
            return LayerTypes.mark(SparseLayers.mark(layer, dense), types.get(i));
        });
    }

    private static Block attention(ModelConfig config, LlamaParts parts, String type, int heads) {
        Dimensions all = parts.sizes();
        Dimensions sizes = new Dimensions(
                all.width(),
                all.vocabulary(),
                all.layers(),
                heads,
                Dimensions.sharedBy(heads, all.keyValueHeads()),
                all.headSize());
        boolean biased = config.flag("attention_bias", false);
        return LayerTypes.window(sizes.attention(biased, "o_proj", biased), type, config)
                .projection(new OutputGateProjection(sizes.projection(biased), gate(config, sizes)))
                .gateActivation(Activation.LINEAR)
                .queryKeyNorms(
                        parts.norm("self_attn.q_norm", sizes.headSize()),
                        parts.norm("self_attn.k_norm", sizes.headSize()))
                .rotary(RotaryConfig.of(config, positions(config, type), "rope_theta")
                        .partial(SHARE)
                        .rotary(sizes.headSize()))
                .build();
    }

    /** The parameters of a type's positions, or what transformers takes for a configuration without any. */
    private static ModelConfig positions(ModelConfig config, String type) {
        ModelConfig stated = RotaryConfig.ofType(config, type);
        if (stated.values().isEmpty()) {
            return ModelConfig.of(
                    type.equals(LayerTypes.FULL)
                            ? ImmutableMap.of("rope_theta", 500_000.0, SHARE, 0.5)
                            : ImmutableMap.of("rope_theta", 10_000.0, SHARE, 1.0));
        }
        return stated.has(SHARE) ? stated : stated.with(SHARE, 1.0);
    }

    /** A gate for each head, or for each of its elements. */
    private static Block gate(ModelConfig config, Dimensions sizes) {
        Object gating = config.values().getOrDefault("gating", true);
        if (gating.equals(true) || gating.equals("per-head")) {
            return Sequence.of(
                    Linear.of("self_attn.g_proj", sizes.width(), sizes.heads(), false),
                    new Softplus(),
                    new RepeatedColumns(sizes.headSize()));
        }
        checkArgument(
                gating.equals("per-element"),
                "config.json: gating %s is not supported, expected true, per-head or per-element",
                gating);
        return Sequence.of(Linear.of("self_attn.g_proj", sizes.width(), sizes.queries(), false), new Softplus());
    }

    private static Block experts(ModelConfig config, Dimensions sizes) {
        int count = config.integer("num_experts", Range.COUNT);
        int inner = config.integer("moe_intermediate_size", Range.SIZE);
        double cap = config.number("moe_router_logit_softcapping", Range.between(0, 1e6));
        Activation activation = Dimensions.activation(config, "hidden_act");
        Linear scores = Linear.of("mlp.gate", sizes.width(), count, false);
        TopExperts choice = TopExperts.sigmoid(config.integer("num_experts_per_tok", Range.between(1, count)))
                .corrected("mlp.experts.e_score_correction_bias")
                .renormalised(true)
                .scaled(config.number("moe_routed_scaling_factor", Range.MULTIPLIER));
        return Parallel.of(
                Experts.of(
                        cap > 0 ? Sequence.of(scores, new SoftCap(cap)) : scores,
                        choice,
                        SeparateExperts.of(
                                count, i -> sizes.gated("mlp.experts." + i + ".", inner, false, activation))),
                sizes.gated(
                        "mlp.shared_expert.",
                        config.integer("shared_expert_intermediate_size", Range.SIZE),
                        false,
                        activation));
    }

    private static ImmutableList<String> attention(ModelConfig config) {
        return LayerTypes.read(config, i -> false);
    }

    private static ImmutableList<String> feedForward(ModelConfig config) {
        return FeedForwardTypes.read(config, 1);
    }

    /** The number of query heads of each layer. */
    private static ImmutableList<Integer> heads(ModelConfig config) {
        int layers = Dimensions.layers(config);
        if (!config.has(HEADS)) {
            int all = config.integer("num_attention_heads", Range.COUNT);
            return IntStream.range(0, layers).mapToObj(i -> all).collect(ImmutableList.toImmutableList());
        }
        ImmutableList<Integer> heads = config.integers(HEADS);
        checkArgument(
                heads.size() == layers,
                "config.json: %s has %s entries, expected one for each of the %s layers",
                HEADS,
                heads.size(),
                layers);
        heads.forEach(count -> checkArgument(
                Range.COUNT.contains(count), "config.json: %s holds %s, expected at least 1", HEADS, count));
        return heads;
    }

    @Override
    public ModelConfig collapse(ModelConfig config, CollapsePlan plan) {
        ModelConfig counted = LayerKeys.named("num_hidden_layers").collapse(config, plan);
        ModelConfig collapsed = config.has(HEADS) ? counted.with(HEADS, LayerKeys.pick(heads(config), plan)) : counted;
        ModelConfig kept = FeedForwardTypes.keep(config, collapsed, plan, Laguna::feedForward);
        return LayerTypes.keep(config, kept, plan, Laguna::attention);
    }
}
