package org.laco.model.family;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import org.laco.model.block.Block;
import org.laco.model.block.Decoder;
import org.laco.model.block.Layer;
import org.laco.model.config.ModelConfig;
import org.laco.model.config.Range;
import org.laco.plan.CollapsePlan;
import org.laco.tensor.TensorSource;

/** dots.llm1: Qwen 3's attention, and experts as in DeepSeek-V3. */
final class Dots1 implements Family {
    /** What transformers takes for a key that a configuration hasn't. */
    private static final ImmutableMap<String, Object> DEFAULTS = ImmutableMap.<String, Object>builder()
            .put("vocab_size", 152064)
            .put("hidden_size", 4608)
            .put("intermediate_size", 10944)
            .put("num_hidden_layers", 62)
            .put("num_attention_heads", 32)
            .put("num_key_value_heads", 32)
            .put("hidden_act", "silu")
            .put("max_position_embeddings", 2048)
            .put("rms_norm_eps", 1e-6)
            .put("tie_word_embeddings", false)
            .put("rope_theta", 10_000.0)
            .put("attention_bias", false)
            .put("moe_intermediate_size", 1408)
            .put("routed_scaling_factor", 1.0)
            .put("n_group", 1)
            .put("topk_group", 1)
            .put("norm_topk_prob", false)
            .put("first_k_dense_replace", 0)
            .put("sliding_window", 4096)
            .put("max_window_layers", 62)
            .buildOrThrow();

    @Override
    public String name() {
        return "dots.llm1";
    }

    @Override
    public ImmutableSet<String> modelTypes() {
        return ImmutableSet.of("dots1");
    }

    @Override
    public String notes() {
        return "dots.llm1; layers with experts and dense layers are kept apart, and full and sliding ones";
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
        Block experts = DeepSeekParts.correctedMixture(config, sizes);
        int dense = DeepSeekParts.dense(config);
        ImmutableList<String> types = types(config);
        return parts.decoder(i -> {
            Block attention = Qwen3.attention(config, sizes, parts.epsilon(), types.get(i));
            Layer layer = parts.layer(attention, i < dense ? single : experts);
            return LayerTypes.mark(SparseLayers.mark(layer, i < dense), types.get(i));
        });
    }

    /** Where the configuration has no list, layers from {@code max_window_layers} on attend to a window. */
    private static ImmutableList<String> types(ModelConfig config) {
        int limit = config.integer("max_window_layers", Range.atLeast(0));
        boolean windowed = config.has("sliding_window");
        return LayerTypes.read(config, i -> windowed && i >= limit);
    }

    @Override
    public ModelConfig collapse(ModelConfig config, CollapsePlan plan) {
        return LayerTypes.keep(config, DeepSeekParts.collapse(config, plan), plan, Dots1::types);
    }
}
