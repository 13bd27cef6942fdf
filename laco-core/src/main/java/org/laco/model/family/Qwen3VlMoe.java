package org.laco.model.family;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import org.laco.model.block.Block;
import org.laco.model.block.Decoder;
import org.laco.model.block.ExpertSet;
import org.laco.model.block.Experts;
import org.laco.model.block.Gate;
import org.laco.model.block.Linear;
import org.laco.model.block.StackLayout;
import org.laco.model.block.StackedExperts;
import org.laco.model.block.TopExperts;
import org.laco.model.config.ModelConfig;
import org.laco.model.config.Range;
import org.laco.plan.CollapsePlan;
import org.laco.tensor.TensorSource;

/** The language model of Qwen 3 VL with experts: as Qwen 3 MoE, with experts in stacks and no window. */
final class Qwen3VlMoe implements Family {
    private static final String GATE_UP = "mlp.experts.gate_up_proj";
    private static final String DOWN = "mlp.experts.down_proj";

    /** What transformers takes for a key that a configuration hasn't. */
    private static final ImmutableMap<String, Object> DEFAULTS = ImmutableMap.<String, Object>builder()
            .put("vocab_size", 151936)
            .put("hidden_size", 2048)
            .put("intermediate_size", 5632)
            .put("num_hidden_layers", 24)
            .put("num_attention_heads", 16)
            .put("num_key_value_heads", 16)
            .put("hidden_act", "silu")
            .put("max_position_embeddings", 128000)
            .put("rms_norm_eps", 1e-6)
            .put("tie_word_embeddings", true)
            .put("rope_theta", 500_000.0)
            .put("attention_bias", false)
            .put("decoder_sparse_step", 1)
            .put("moe_intermediate_size", 1408)
            .put("num_local_experts", 60)
            .put("num_experts_per_tok", 4)
            .buildOrThrow();

    @Override
    public String name() {
        return "Qwen 3 VL MoE";
    }

    @Override
    public ImmutableSet<String> modelTypes() {
        return ImmutableSet.of("qwen3_vl_moe_text");
    }

    @Override
    public String notes() {
        return "experts in stacks as released and as transformers 5 writes them; layers with experts and dense layers are kept apart";
    }

    @Override
    public ImmutableMap<String, Object> defaults() {
        return DEFAULTS;
    }

    @Override
    public Decoder define(ModelConfig config, TensorSource tensors) {
        LlamaParts parts = LlamaParts.read(config, tensors);
        Dimensions sizes = parts.sizes();
        return SparseLayers.decoder(
                config,
                parts,
                Qwen3.attention(config, sizes, parts.epsilon(), LayerTypes.FULL),
                sizes.gated(config, false),
                experts(config, sizes, tensors));
    }

    /** The shares are always renormalised, whatever {@code norm_topk_prob} says: transformers doesn't read it. */
    private static Block experts(ModelConfig config, Dimensions sizes, TensorSource tensors) {
        int count = SparseLayers.experts(config);
        int inner = config.integer("moe_intermediate_size", Range.SIZE);
        ExpertSet experts = StackedExperts.of(
                GATE_UP,
                DOWN,
                count,
                sizes.width(),
                inner,
                isInputFirst(tensors, sizes.width(), inner) ? StackLayout.COLUMNS : StackLayout.ROWS,
                Gate.of(Dimensions.activation(config, "hidden_act")));
        return Experts.of(
                Linear.of("mlp.gate", sizes.width(), count, false),
                TopExperts.softmax(config.integer("num_experts_per_tok", Range.between(1, count)))
                        .renormalised(true),
                experts);
    }

    /** Tells released stacks from those that transformers 5 writes by their shapes, of which at most one is square. */
    private static boolean isInputFirst(TensorSource tensors, int width, int inner) {
        boolean bySecond = 2L * inner == width;
        String stack = bySecond ? DOWN : GATE_UP;
        long in = bySecond ? inner : width;
        return tensors.names().stream()
                .filter(name -> name.endsWith("." + stack))
                .findFirst()
                .map(name -> tensors.tensor(name).shape())
                .filter(shape -> shape.length == 3 && shape[1] == in)
                .isPresent();
    }

    @Override
    public ModelConfig collapse(ModelConfig config, CollapsePlan plan) {
        return SparseLayers.keep(config, LayerKeys.named("num_hidden_layers").collapse(config, plan), plan);
    }
}
