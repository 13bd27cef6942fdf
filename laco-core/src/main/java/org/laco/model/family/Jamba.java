package org.laco.model.family;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import java.util.Optional;
import org.laco.kernel.Activation;
import org.laco.model.block.Block;
import org.laco.model.block.Decoder;
import org.laco.model.block.Experts;
import org.laco.model.block.Layer;
import org.laco.model.block.Linear;
import org.laco.model.block.Residual;
import org.laco.model.block.ScanNorms;
import org.laco.model.block.SeparateExperts;
import org.laco.model.block.TopExperts;
import org.laco.model.config.ModelConfig;
import org.laco.model.config.Range;
import org.laco.plan.CollapsePlan;
import org.laco.tensor.TensorSource;

/** Jamba: layers of Mamba and of attention without positions, some with experts. */
final class Jamba implements Family {
    private static final LayerPeriod ATTENTION = new LayerPeriod("attention", "attn_layer_period", "attn_layer_offset");
    private static final LayerPeriod EXPERTS = new LayerPeriod("experts", "expert_layer_period", "expert_layer_offset");

    /** What transformers takes for a key that a configuration hasn't. */
    private static final ImmutableMap<String, Object> DEFAULTS = ImmutableMap.<String, Object>builder()
            .put("vocab_size", 65536)
            .put("hidden_size", 4096)
            .put("intermediate_size", 14336)
            .put("num_hidden_layers", 32)
            .put("num_attention_heads", 32)
            .put("num_key_value_heads", 8)
            .put("hidden_act", "silu")
            .put("max_position_embeddings", 262144)
            .put("rms_norm_eps", 1e-6)
            .put("tie_word_embeddings", false)
            .put("num_experts_per_tok", 2)
            .put("num_experts", 16)
            .put("expert_layer_period", 2)
            .put("expert_layer_offset", 1)
            .put("attn_layer_period", 8)
            .put("attn_layer_offset", 4)
            .put("mamba_d_state", 16)
            .put("mamba_d_conv", 4)
            .put("mamba_expand", 2)
            .put("mamba_conv_bias", true)
            .put("mamba_proj_bias", false)
            .buildOrThrow();

    @Override
    public String name() {
        return "Jamba";
    }

    @Override
    public ImmutableSet<String> modelTypes() {
        return ImmutableSet.of("jamba");
    }

    @Override
    public String notes() {
        return "layers of Mamba and attention, with experts and without, are kept apart; what is left must follow a period";
    }

    @Override
    public ImmutableMap<String, Object> defaults() {
        return DEFAULTS;
    }

    @Override
    public Decoder define(ModelConfig config, TensorSource tensors) {
        LlamaParts parts = LlamaParts.read(config, tensors);
        Dimensions sizes = parts.sizes();
        int experts = config.integer("num_experts", Range.COUNT);
        int inner = config.integer("intermediate_size", Range.SIZE);
        Activation activation = Dimensions.activation(config, "hidden_act");
        Block attention = sizes.attention(false, "o_proj", false).build();
        Block mamba = mamba(config, parts);
        Block single = sizes.gated("feed_forward.", inner, false, activation);
        Block several = Experts.of(
                Linear.of("feed_forward.router", sizes.width(), experts, false),
                TopExperts.softmax(config.integer("num_experts_per_tok", Range.between(1, Math.max(2, experts)))),
                SeparateExperts.of(
                        experts, i -> sizes.gated("feed_forward.experts." + i + ".", inner, false, activation)));
        ImmutableList<Boolean> attentive = ATTENTION.read(config);
        ImmutableList<Boolean> sparse = EXPERTS.read(config);
        return parts.builder(i -> {
                    boolean dense = experts == 1 || !sparse.get(i);
                    Layer layer = Layer.of(
                            Residual.of(parts.norm("input_layernorm"), attentive.get(i) ? attention : mamba),
                            Residual.of(parts.norm("pre_ff_layernorm"), dense ? single : several));
                    String type = attentive.get(i) ? LayerTypes.FULL : LayerTypes.LINEAR;
                    return SparseLayers.mark(LayerTypes.markMixer(layer, type), dense);
                })
                .norm(parts.norm("model.final_layernorm"))
                .build();
    }

    private static Block mamba(ModelConfig config, LlamaParts parts) {
        int width = parts.sizes().width();
        MambaConfig mamba = new MambaConfig(
                "mamba",
                width,
                MambaConfig.channels(config, "mamba_expand", width),
                config.integer("mamba_d_state", Range.COUNT),
                MambaConfig.rank(config, "mamba_dt_rank", width),
                config.integer("mamba_d_conv", Range.COUNT),
                config.flag("mamba_conv_bias", true),
                config.flag("mamba_proj_bias", false),
                Dimensions.activation(config, "hidden_act"));
        return mamba.block(Optional.of(new ScanNorms(
                parts.norm("mamba.dt_layernorm", mamba.rank()),
                parts.norm("mamba.b_layernorm", mamba.states()),
                parts.norm("mamba.c_layernorm", mamba.states()))));
    }

    @Override
    public ModelConfig collapse(ModelConfig config, CollapsePlan plan) {
        ModelConfig collapsed = LayerKeys.named("num_hidden_layers").collapse(config, plan);
        return EXPERTS.keep(config, ATTENTION.keep(config, collapsed, plan), plan);
    }
}
