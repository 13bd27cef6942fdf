package org.laco.model.family;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import org.laco.model.block.Decoder;
import org.laco.model.block.Layer;
import org.laco.model.block.Residual;
import org.laco.model.config.ModelConfig;
import org.laco.tensor.TensorSource;

/** GLM 4 of 2025: as that of 2024 with norms after attention and feed-forward too. */
final class Glm4 implements Family {
    @Override
    public String name() {
        return "GLM 4 (2025)";
    }

    @Override
    public ImmutableSet<String> modelTypes() {
        return ImmutableSet.of("glm4");
    }

    @Override
    public String notes() {
        return "GLM-4 9B and 32B of April 2025, GLM-Z1";
    }

    @Override
    public ImmutableMap<String, Object> defaults() {
        return Glm.DEFAULTS;
    }

    @Override
    public Decoder define(ModelConfig config, TensorSource tensors) {
        LlamaParts parts = LlamaParts.read(config, tensors);
        return parts.decoder(Layer.of(
                Residual.of(
                        parts.norm("input_layernorm"),
                        Glm.attention(config, parts.sizes()),
                        parts.norm("post_self_attn_layernorm")),
                Residual.of(
                        parts.norm("post_attention_layernorm"),
                        parts.sizes().fusedGated(config),
                        parts.norm("post_mlp_layernorm"))));
    }
}
