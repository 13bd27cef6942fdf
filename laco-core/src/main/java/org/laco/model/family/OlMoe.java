package org.laco.model.family;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import org.laco.kernel.Activation;
import org.laco.model.block.Block;
import org.laco.model.block.Decoder;
import org.laco.model.block.TopExperts;
import org.laco.model.config.ModelConfig;
import org.laco.model.config.Range;
import org.laco.tensor.TensorSource;

/** OLMoE: as Llama with experts, and queries and keys are normalised over all heads together. */
final class OlMoe implements Family {
    /** What transformers takes for a key that a configuration hasn't. */
    private static final ImmutableMap<String, Object> DEFAULTS = ImmutableMap.<String, Object>builder()
            .put("vocab_size", 50304)
            .put("hidden_size", 2048)
            .put("intermediate_size", 2048)
            .put("num_hidden_layers", 16)
            .put("num_attention_heads", 16)
            .put("hidden_act", "silu")
            .put("max_position_embeddings", 4096)
            .put("rms_norm_eps", 1e-5)
            .put("tie_word_embeddings", false)
            .put("rope_theta", 10_000.0)
            .put("attention_bias", false)
            .put("num_experts", 64)
            .put("num_experts_per_tok", 8)
            .put("norm_topk_prob", false)
            .buildOrThrow();

    @Override
    public String name() {
        return "OLMoE";
    }

    @Override
    public ImmutableSet<String> modelTypes() {
        return ImmutableSet.of("olmoe");
    }

    @Override
    public String notes() {
        return "OLMoE; not with clip_qkv";
    }

    @Override
    public ImmutableMap<String, Object> defaults() {
        return DEFAULTS;
    }

    @Override
    public Decoder define(ModelConfig config, TensorSource tensors) {
        checkArgument(
                !config.has("clip_qkv"),
                "config.json: clip_qkv is not supported for olmoe, expected null or no such key");
        LlamaParts parts = LlamaParts.read(config, tensors);
        return parts.decoder(parts.layer(Olmo2.attention(config, parts), experts(config, parts.sizes())));
    }

    /** Experts, of which those of the largest shares of a softmax are chosen. */
    static Block experts(ModelConfig config, Dimensions sizes) {
        int count = config.integer("num_experts", Range.COUNT);
        int inner = config.integer("intermediate_size", Range.SIZE);
        Activation activation = Dimensions.activation(config, "hidden_act");
        return sizes.experts(
                "mlp.gate",
                count,
                TopExperts.softmax(config.integer("num_experts_per_tok", Range.between(1, count)))
                        .renormalised(config.flag("norm_topk_prob", false)),
                inner,
                activation);
    }
}
