package org.laco.model.family;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import org.laco.model.block.Block;
import org.laco.model.block.Decoder;
import org.laco.model.block.Layer;
import org.laco.model.config.ModelConfig;
import org.laco.plan.CollapsePlan;
import org.laco.tensor.TensorSource;

/** OLMo 3: as OLMo 2, three of four layers attend to a window, and only the others have scaled positions. */
final class Olmo3 implements Family {
    /** What transformers takes for a key that a configuration hasn't. */
    private static final ImmutableMap<String, Object> DEFAULTS = ImmutableMap.<String, Object>builder()
            .put("vocab_size", 50304)
            .put("hidden_size", 4096)
            .put("intermediate_size", 11008)
            .put("num_hidden_layers", 32)
            .put("num_attention_heads", 32)
            .put("hidden_act", "silu")
            .put("max_position_embeddings", 2048)
            .put("rms_norm_eps", 1e-5)
            .put("tie_word_embeddings", false)
            .put("rope_theta", 500_000.0)
            .put("attention_bias", false)
            .put("sliding_window", 4096)
            .buildOrThrow();

    @Override
    public String name() {
        return "OLMo 3";
    }

    @Override
    public ImmutableSet<String> modelTypes() {
        return ImmutableSet.of("olmo3");
    }

    @Override
    public String notes() {
        return "OLMo 3; sliding and full layers are kept apart";
    }

    @Override
    public ImmutableMap<String, Object> defaults() {
        return DEFAULTS;
    }

    @Override
    public Decoder define(ModelConfig config, TensorSource tensors) {
        LlamaParts parts = LlamaParts.read(config, tensors);
        ImmutableList<String> types = types(config);
        return parts.decoder(i -> layer(config, parts, types.get(i)));
    }

    private static Layer layer(ModelConfig config, LlamaParts parts, String type) {
        Dimensions sizes = parts.sizes();
        boolean biased = config.flag("attention_bias", false);
        Block attention = LayerTypes.window(sizes.attention(biased, "o_proj", biased), type, config)
                .queryKeyNorms(
                        parts.norm("self_attn.q_norm", sizes.queries()), parts.norm("self_attn.k_norm", sizes.keys()))
                .rotary(rotary(config, type).rotary(sizes.headSize()))
                .build();
        return LayerTypes.mark(parts.layerNormedAfter(attention, sizes.gated(config, false)), type);
    }

    /**
     * The parameters of a type; a scaling of the older style beside them is for the full layers, and so is a base of the older style: that
     * of the others is then the family's.
     */
    private static RotaryConfig rotary(ModelConfig config, String type) {
        ModelConfig parameters = RotaryConfig.ofType(config, type);
        if (!type.equals(LayerTypes.FULL)) {
            return RotaryConfig.of(config.with("rope_theta", DEFAULTS.get("rope_theta")), parameters, "rope_theta");
        }
        return RotaryConfig.of(
                config,
                config.has("rope_scaling")
                        ? parameters.withAll(config.object("rope_scaling").values())
                        : parameters,
                "rope_theta");
    }

    private static ImmutableList<String> types(ModelConfig config) {
        return LayerTypes.read(config, i -> (i + 1) % 4 != 0);
    }

    @Override
    public ModelConfig collapse(ModelConfig config, CollapsePlan plan) {
        ModelConfig collapsed = LayerKeys.named("num_hidden_layers").collapse(config, plan);
        return LayerTypes.keep(config, collapsed, plan, Olmo3::types);
    }
}
