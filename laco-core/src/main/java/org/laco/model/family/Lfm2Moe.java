package org.laco.model.family;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import org.laco.kernel.Activation;
import org.laco.model.block.Block;
import org.laco.model.block.Decoder;
import org.laco.model.block.Experts;
import org.laco.model.block.Layer;
import org.laco.model.block.Linear;
import org.laco.model.block.SeparateExperts;
import org.laco.model.block.ShareSum;
import org.laco.model.block.TopExperts;
import org.laco.model.config.ModelConfig;
import org.laco.model.config.Range;
import org.laco.plan.CollapsePlan;
import org.laco.tensor.TensorSource;

/** LFM 2 with experts in all layers but the lowest. */
final class Lfm2Moe implements Family {
    private static final String DENSE = "num_dense_layers";

    /** What the sum of the chosen shares is increased by before they are divided by it. */
    private static final ShareSum SUM = new ShareSum(1e-6, 0);

    /** What transformers takes for a key that a configuration hasn't. */
    private static final ImmutableMap<String, Object> DEFAULTS = ImmutableMap.<String, Object>builder()
            .put("vocab_size", 65536)
            .put("hidden_size", 2048)
            .put("intermediate_size", 7168)
            .put("moe_intermediate_size", 1792)
            .put("num_hidden_layers", 32)
            .put("num_attention_heads", 32)
            .put("num_key_value_heads", 8)
            .put("max_position_embeddings", 128_000)
            .put("norm_eps", 1e-5)
            .put("tie_word_embeddings", true)
            .put("rope_theta", 1_000_000.0)
            .put("conv_bias", false)
            .put("conv_L_cache", 3)
            .put("num_dense_layers", 2)
            .put("num_experts_per_tok", 4)
            .put("num_experts", 32)
            .put("use_expert_bias", true)
            .put("routed_scaling_factor", 1.0)
            .put("norm_topk_prob", true)
            .buildOrThrow();

    @Override
    public String name() {
        return "LFM 2 MoE";
    }

    @Override
    public ImmutableSet<String> modelTypes() {
        return ImmutableSet.of("lfm2_moe");
    }

    @Override
    public String notes() {
        return "LFM2-8B-A1B and its likes; layers of convolution and attention, with experts and without, are kept apart";
    }

    @Override
    public ImmutableMap<String, Object> defaults() {
        return DEFAULTS;
    }

    @Override
    public Decoder define(ModelConfig config, TensorSource tensors) {
        checkArgument(
                config.has("layer_types"),
                "config.json: key layer_types is missing, expected a list of conv and full_attention, one for each layer");
        ImmutableList<String> types = LayerTypes.read(
                config, ImmutableSet.of(LayerTypes.CONVOLUTION, LayerTypes.FULL), i -> LayerTypes.CONVOLUTION);
        int dense = dense(config);
        int width = config.integer("hidden_size", Range.SIZE);
        Block single = Mixtral.expert(
                "feed_forward.", width, config.integer("intermediate_size", Range.SIZE), Activation.SILU);
        Block several = experts(config, width);
        Decoder decoder = Lfm2.decoder(config, tensors, types, i -> i < dense ? single : several)
                .build();
        ImmutableList.Builder<Layer> marked = ImmutableList.builder();
        for (int i = 0; i < types.size(); i++) {
            marked.add(SparseLayers.mark(decoder.layers().get(i), i < dense));
        }
        return decoder.withLayers(marked.build());
    }

    private static int dense(ModelConfig config) {
        return config.integer(DENSE, Range.between(0, Range.COUNT.most()));
    }

    private static Block experts(ModelConfig config, int width) {
        int count = config.integer("num_experts", Range.COUNT);
        int inner = config.integer("moe_intermediate_size", Range.SIZE);
        TopExperts shares = TopExperts.sigmoid(config.integer("num_experts_per_tok", Range.between(1, count)))
                .scaled(config.number("routed_scaling_factor", Range.MULTIPLIER));
        TopExperts choice = config.flag("norm_topk_prob", true) ? shares.dividedBy(SUM) : shares;
        return Experts.of(
                Linear.of("feed_forward.gate", width, count, false),
                config.flag("use_expert_bias", true) ? choice.corrected("feed_forward.expert_bias") : choice,
                SeparateExperts.of(
                        count, i -> Mixtral.expert("feed_forward.experts." + i + ".", width, inner, Activation.SILU)));
    }

    @Override
    public ModelConfig collapse(ModelConfig config, CollapsePlan plan) {
        ModelConfig collapsed = LayerKeys.named("num_hidden_layers").collapse(config, plan);
        int left = SparseLayers.denseLeft(DENSE, dense(config), plan);
        return left == dense(config) ? collapsed : collapsed.with(DENSE, left);
    }
}
