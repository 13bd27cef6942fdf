package org.laco.model.family;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import org.laco.model.block.Block;
import org.laco.model.block.Decoder;
import org.laco.model.block.Embedding;
import org.laco.model.block.Layer;
import org.laco.model.block.Residual;
import org.laco.model.config.ModelConfig;
import org.laco.model.config.Range;
import org.laco.plan.CollapsePlan;
import org.laco.tensor.TensorSource;

/** MiniCPM 3: latent attention as in DeepSeek-V2, with factors of embeddings, residual branches and logits that follow from the sizes. */
final class MiniCpm3 implements Family {
    private static final String DEPTH = "scale_depth";

    /** What transformers takes for a key that a configuration hasn't. */
    private static final ImmutableMap<String, Object> DEFAULTS = ImmutableMap.<String, Object>builder()
            .put("vocab_size", 73448)
            .put("hidden_size", 2560)
            .put("intermediate_size", 6400)
            .put("num_hidden_layers", 62)
            .put("num_attention_heads", 40)
            .put("num_key_value_heads", 40)
            .put("hidden_act", "silu")
            .put("max_position_embeddings", 32768)
            .put("rms_norm_eps", 1e-5)
            .put("tie_word_embeddings", true)
            .put("rope_theta", 10_000.0)
            .put("attention_bias", false)
            .put("mlp_bias", false)
            .put("kv_lora_rank", 256)
            .put("q_lora_rank", 768)
            .put("qk_nope_head_dim", 64)
            .put("qk_rope_head_dim", 32)
            .put("scale_emb", 12)
            .put("scale_depth", 1.4)
            .put("dim_model_base", 256)
            .buildOrThrow();

    @Override
    public String name() {
        return "MiniCPM 3";
    }

    @Override
    public ImmutableSet<String> modelTypes() {
        return ImmutableSet.of("minicpm3");
    }

    @Override
    public String notes() {
        return "MiniCPM 3 4B";
    }

    @Override
    public ImmutableMap<String, Object> defaults() {
        return DEFAULTS;
    }

    @Override
    public Decoder define(ModelConfig config, TensorSource tensors) {
        Dimensions sizes = DeepSeekParts.sizes(config);
        LlamaParts parts =
                new LlamaParts(sizes, config.number("rms_norm_eps", Range.EPSILON), Heads.read(config, tensors));
        double residual = residual(config);
        Layer layer = Layer.of(
                Residual.of(parts.norm("input_layernorm"), attention(config, sizes))
                        .scaled(residual),
                Residual.of(parts.norm("post_attention_layernorm"), sizes.gated(config, config.flag("mlp_bias", false)))
                        .scaled(residual));
        Heads heads = parts.heads();
        return parts.builder(i -> layer)
                .embedding(Embedding.of(heads.embedding()).scaled(config.number("scale_emb", Range.MULTIPLIER)))
                .head(heads.head().scaled(logits(config, sizes.width())))
                .build();
    }

    private static Block attention(ModelConfig config, Dimensions sizes) {
        int values = config.has("v_head_dim")
                ? config.integer("v_head_dim", Range.COUNT)
                : Dimensions.headSize(sizes.width(), sizes.heads());
        return DeepSeekParts.attention(config.with("v_head_dim", values).with("rope_interleave", false), sizes);
    }

    /** The factor of what a branch adds falls with the number of layers, unless there is none. */
    private static double residual(ModelConfig config) {
        return config.has(DEPTH) ? config.number(DEPTH, Range.MULTIPLIER) / Math.sqrt(Dimensions.layers(config)) : 1;
    }

    private static double logits(ModelConfig config, int width) {
        return config.integer("dim_model_base", Range.SIZE, width) / (double) width;
    }

    /** Keeps the factor of what a branch adds, which the number of layers would change. */
    @Override
    public ModelConfig collapse(ModelConfig config, CollapsePlan plan) {
        ModelConfig collapsed = LayerKeys.named("num_hidden_layers").collapse(config, plan);
        return config.has(DEPTH) && plan.size() != plan.originalSize()
                ? collapsed.with(DEPTH, residual(config) * Math.sqrt(plan.size()))
                : collapsed;
    }
}
