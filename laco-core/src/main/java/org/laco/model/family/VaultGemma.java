package org.laco.model.family;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import org.laco.model.block.Block;
import org.laco.model.block.Decoder;
import org.laco.model.block.Layer;
import org.laco.model.block.Residual;
import org.laco.model.config.ModelConfig;
import org.laco.plan.CollapsePlan;
import org.laco.tensor.TensorSource;

/** VaultGemma: as Gemma 2 without the norms after attention and feed-forward. */
final class VaultGemma implements Family {
    /** What transformers takes for a key that a configuration hasn't. */
    private static final ImmutableMap<String, Object> DEFAULTS = ImmutableMap.<String, Object>builder()
            .put("vocab_size", 256000)
            .put("hidden_size", 2304)
            .put("intermediate_size", 9216)
            .put("num_hidden_layers", 26)
            .put("num_attention_heads", 8)
            .put("num_key_value_heads", 4)
            .put("head_dim", 256)
            .put("hidden_activation", "gelu_pytorch_tanh")
            .put("max_position_embeddings", 8192)
            .put("rms_norm_eps", 1e-6)
            .put("tie_word_embeddings", true)
            .put("rope_theta", 10_000.0)
            .put("attention_bias", false)
            .put("query_pre_attn_scalar", 256)
            .put("sliding_window", 4096)
            .put("attn_logit_softcapping", 50.0)
            .put("final_logit_softcapping", 30.0)
            .buildOrThrow();

    @Override
    public String name() {
        return "VaultGemma";
    }

    @Override
    public ImmutableSet<String> modelTypes() {
        return ImmutableSet.of("vaultgemma");
    }

    @Override
    public String notes() {
        return "VaultGemma 1B; sliding and full layers are kept apart";
    }

    @Override
    public ImmutableMap<String, Object> defaults() {
        return DEFAULTS;
    }

    @Override
    public Decoder define(ModelConfig config, TensorSource tensors) {
        GemmaParts parts = GemmaParts.read(config);
        Dimensions sizes = parts.sizes();
        ImmutableList<String> types = types(config);
        Heads heads = Heads.read(config, tensors);
        return Decoder.builder(sizes.width(), sizes.vocabulary())
                .embedding(parts.embedding(heads))
                .layers("model.layers.", sizes.layers(), i -> layer(parts, types.get(i)))
                .norm(parts.norm("model.norm"))
                .head(parts.head(heads))
                .build();
    }

    private static Layer layer(GemmaParts parts, String type) {
        Block attention = parts.attention(type)
                .rotary(RotaryConfig.read(parts.config(), parts.sizes().headSize()))
                .build();
        Layer layer = Layer.of(
                Residual.of(parts.norm("input_layernorm"), attention),
                Residual.of(parts.norm("pre_feedforward_layernorm"), parts.feedForward()));
        return LayerTypes.mark(layer, type);
    }

    private static ImmutableList<String> types(ModelConfig config) {
        return LayerTypes.read(config, i -> i % 2 == 0);
    }

    @Override
    public ModelConfig collapse(ModelConfig config, CollapsePlan plan) {
        ModelConfig collapsed = LayerKeys.named("num_hidden_layers").collapse(config, plan);
        return LayerTypes.keep(config, collapsed, plan, VaultGemma::types);
    }
}
