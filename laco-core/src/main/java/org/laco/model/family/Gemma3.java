package org.laco.model.family;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import org.laco.model.block.Decoder;
import org.laco.model.block.Layer;
import org.laco.model.block.Rotary;
import org.laco.model.config.ModelConfig;
import org.laco.plan.CollapsePlan;
import org.laco.tensor.TensorSource;

/** Gemma 3, text only: as Gemma 2 without caps, with norms of queries and keys, and rotary positions that differ by layer type. */
final class Gemma3 implements Family {
    /** What transformers takes for a key that a configuration hasn't. */
    private static final ImmutableMap<String, Object> DEFAULTS = ImmutableMap.<String, Object>builder()
            .put("vocab_size", 262208)
            .put("hidden_size", 2304)
            .put("intermediate_size", 9216)
            .put("num_hidden_layers", 26)
            .put("num_attention_heads", 8)
            .put("num_key_value_heads", 4)
            .put("head_dim", 256)
            .put("hidden_activation", "gelu_pytorch_tanh")
            .put("max_position_embeddings", 131072)
            .put("rms_norm_eps", 1e-6)
            .put("tie_word_embeddings", true)
            .put("rope_theta", 1_000_000.0)
            .put("rope_local_base_freq", 10_000.0)
            .put("attention_bias", false)
            .put("query_pre_attn_scalar", 256)
            .put("sliding_window", 4096)
            .put("sliding_window_pattern", 6)
            .buildOrThrow();

    @Override
    public String name() {
        return "Gemma 3 (text)";
    }

    @Override
    public ImmutableSet<String> modelTypes() {
        return ImmutableSet.of("gemma3_text");
    }

    @Override
    public String notes() {
        return "text models only; every sixth layer of a released model is full, the others slide and merge with one another";
    }

    @Override
    public ImmutableMap<String, Object> defaults() {
        return DEFAULTS;
    }

    @Override
    public Decoder define(ModelConfig config, TensorSource tensors) {
        GemmaParts parts = GemmaParts.read(config);
        ImmutableList<String> types = types(config);
        return parts.decoder(tensors, i -> layer(parts, types.get(i)));
    }

    private static Layer layer(GemmaParts parts, String type) {
        int size = parts.sizes().headSize();
        return parts.layer(
                type,
                parts.attention(type)
                        .queryKeyNorms(parts.norm("self_attn.q_norm", size), parts.norm("self_attn.k_norm", size))
                        .rotary(rotary(parts.config(), type, size))
                        .build());
    }

    /** The older style has one base a type and scales only the full layers; the newer one has parameters a type. */
    private static Rotary rotary(ModelConfig config, String type, int size) {
        boolean full = type.equals(LayerTypes.FULL);
        return RotaryConfig.of(config, parameters(config, type), full ? "rope_theta" : "rope_local_base_freq")
                .rotary(size);
    }

    /** The parameters of a type; a scaling of the older style beside them is for the full layers, and replaces one by one. */
    private static ModelConfig parameters(ModelConfig config, String type) {
        ModelConfig parameters = RotaryConfig.ofType(config, type);
        return type.equals(LayerTypes.FULL) && config.has("rope_scaling")
                ? parameters.withAll(config.object("rope_scaling").values())
                : parameters;
    }

    private static ImmutableList<String> types(ModelConfig config) {
        return LayerTypes.read(config, LayerTypes.allButEach(config, "sliding_window_pattern"));
    }

    @Override
    public ModelConfig collapse(ModelConfig config, CollapsePlan plan) {
        ModelConfig collapsed = LayerKeys.named("num_hidden_layers").collapse(config, plan);
        return LayerTypes.keep(config, collapsed, plan, Gemma3::types);
    }
}
