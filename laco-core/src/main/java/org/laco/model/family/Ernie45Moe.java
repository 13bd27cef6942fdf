package org.laco.model.family;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import java.util.stream.IntStream;
import org.laco.kernel.Activation;
import org.laco.model.block.Block;
import org.laco.model.block.Decoder;
import org.laco.model.block.Parallel;
import org.laco.model.block.ScoreCorrection;
import org.laco.model.block.ShareSum;
import org.laco.model.block.TopExperts;
import org.laco.model.config.ModelConfig;
import org.laco.model.config.Range;
import org.laco.plan.CollapsePlan;
import org.laco.tensor.TensorSource;

/** ERNIE 4.5 with experts: as the dense models, with experts chosen by a corrected softmax in a range of layers. */
final class Ernie45Moe implements Family {
    private static final String SHARED = "moe_num_shared_experts";
    private static final String START = "moe_layer_start_index";
    private static final String END = "moe_layer_end_index";

    /** What transformers takes for a key that a configuration hasn't. */
    private static final ImmutableMap<String, Object> DEFAULTS = ImmutableMap.<String, Object>builder()
            .put("vocab_size", 103424)
            .put("hidden_size", 2560)
            .put("intermediate_size", 12288)
            .put("num_hidden_layers", 28)
            .put("num_attention_heads", 20)
            .put("num_key_value_heads", 4)
            .put("hidden_act", "silu")
            .put("max_position_embeddings", 131072)
            .put("rms_norm_eps", 1e-5)
            .put("tie_word_embeddings", true)
            .put("rope_theta", 500_000.0)
            .put("use_bias", false)
            .put("moe_intermediate_size", 1536)
            .put("moe_k", 6)
            .put("moe_num_experts", 64)
            .put("moe_num_shared_experts", 2)
            .put("moe_layer_start_index", 1)
            .put("moe_layer_end_index", -1)
            .put("moe_layer_interval", 1)
            .put("moe_norm_min", 1e-12)
            .buildOrThrow();

    @Override
    public String name() {
        return "ERNIE 4.5 MoE";
    }

    @Override
    public ImmutableSet<String> modelTypes() {
        return ImmutableSet.of("ernie4_5_moe");
    }

    @Override
    public String notes() {
        return "ERNIE 4.5 21B-A3B and 300B-A47B; layers with experts and dense layers are kept apart";
    }

    @Override
    public ImmutableMap<String, Object> defaults() {
        return DEFAULTS;
    }

    @Override
    public ImmutableMap<String, String> synonyms() {
        return ImmutableMap.of("num_experts", "moe_num_experts", "num_experts_per_tok", "moe_k");
    }

    @Override
    public Decoder define(ModelConfig config, TensorSource tensors) {
        checkArgument(
                !config.flag("use_bias", false),
                "config.json: use_bias true is not supported for ernie4_5_moe, expected false");
        LlamaParts parts = LlamaParts.read(config, tensors);
        Block attention = Ernie45.attention(config, parts.sizes(), false);
        Block single = parts.sizes().gated(config, false);
        Block experts = experts(config, parts.sizes());
        ImmutableList<Boolean> dense = dense(config);
        return parts.decoder(
                i -> SparseLayers.mark(parts.layer(attention, dense.get(i) ? single : experts), dense.get(i)));
    }

    private static Block experts(ModelConfig config, Dimensions sizes) {
        int count = config.integer("moe_num_experts", Range.COUNT);
        int inner = config.integer("moe_intermediate_size", Range.SIZE);
        Activation activation = Dimensions.activation(config, "hidden_act");
        TopExperts choice = TopExperts.softmax(config.integer("moe_k", Range.between(1, count)))
                .corrected(new ScoreCorrection("mlp.moe_statics.e_score_correction_bias", true))
                .dividedBy(new ShareSum(0, config.number("moe_norm_min", Range.EPSILON)));
        Block routed = sizes.experts("mlp.gate", count, choice, inner, activation);
        int shared = config.integer(SHARED, Range.between(0, Range.COUNT.most()));
        return shared == 0
                ? routed
                : Parallel.of(
                        routed,
                        sizes.gated(
                                "mlp.shared_experts.",
                                DeepSeekParts.sharedWidth(config, SHARED, inner),
                                false,
                                activation));
    }

    /** Which layers have one feed-forward block: those outside of a range, and those between the steps at which experts stand. */
    private static ImmutableList<Boolean> dense(ModelConfig config) {
        int layers = Dimensions.layers(config);
        int start = config.integer(START, Range.between(0, Range.COUNT.most()));
        int stated = config.integer(END, Range.between(-1, Range.COUNT.most()));
        int end = stated == -1 ? layers - 1 : stated;
        int interval = config.integer("moe_layer_interval", Range.COUNT);
        return IntStream.range(0, layers)
                .mapToObj(i -> (i + 1) % interval != 0 || i < start || i > end)
                .collect(ImmutableList.toImmutableList());
    }

    @Override
    public ModelConfig collapse(ModelConfig config, CollapsePlan plan) {
        ModelConfig collapsed = LayerKeys.named("num_hidden_layers").collapse(config, plan);
        ImmutableList<Boolean> wanted = LayerKeys.pick(dense(config), plan);
        if (dense(collapsed).equals(wanted)) {
            return collapsed;
        }
        ModelConfig moved = wanted.contains(false)
                ? collapsed.with(START, wanted.indexOf(false)).with(END, wanted.lastIndexOf(false))
                : collapsed.with(START, plan.size());
        checkArgument(
                dense(moved).equals(wanted),
                "config.json: %s, %s and moe_layer_interval can't describe which of the layers left have experts",
                START,
                END);
        return moved;
    }
}
