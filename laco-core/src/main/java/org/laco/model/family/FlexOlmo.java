package org.laco.model.family;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import org.laco.model.block.Decoder;
import org.laco.model.config.ModelConfig;
import org.laco.tensor.TensorSource;

/** FlexOlmo: OLMo 2's attention and order of norms, and OLMoE's experts. */
final class FlexOlmo implements Family {
    /** What transformers takes for a key that a configuration hasn't. */
    private static final ImmutableMap<String, Object> DEFAULTS = ImmutableMap.<String, Object>builder()
            .put("vocab_size", 100352)
            .put("hidden_size", 4096)
            .put("intermediate_size", 11008)
            .put("num_hidden_layers", 32)
            .put("num_attention_heads", 32)
            .put("hidden_act", "silu")
            .put("max_position_embeddings", 4096)
            .put("rms_norm_eps", 1e-6)
            .put("tie_word_embeddings", false)
            .put("rope_theta", 500_000.0)
            .put("attention_bias", false)
            .put("num_experts", 7)
            .put("num_experts_per_tok", 5)
            .put("norm_topk_prob", false)
            .buildOrThrow();

    @Override
    public String name() {
        return "FlexOlmo";
    }

    @Override
    public ImmutableSet<String> modelTypes() {
        return ImmutableSet.of("flex_olmo");
    }

    @Override
    public String notes() {
        return "FlexOlmo 7x7B; experts and routers merge one by one";
    }

    @Override
    public ImmutableMap<String, Object> defaults() {
        return DEFAULTS;
    }

    @Override
    public Decoder define(ModelConfig config, TensorSource tensors) {
        LlamaParts parts = LlamaParts.read(config, tensors);
        return parts.decoder(
                parts.layerNormedAfter(Olmo2.attention(config, parts), OlMoe.experts(config, parts.sizes())));
    }
}
