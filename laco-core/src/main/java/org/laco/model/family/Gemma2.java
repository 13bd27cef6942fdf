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

/** Gemma 2: as Gemma with norms before and after both blocks, soft caps of scores and logits, and every other layer sliding. */
final class Gemma2 implements Family {
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

    private final boolean normedAfter;

    Gemma2() {
        this(true);
    }

    private Gemma2(boolean normedAfter) {
        this.normedAfter = normedAfter;
    }

    /** VaultGemma, which has no norms after attention and feed-forward. */
    static Family withoutNormsAfter() {
        return new FamilyVariant(
                new Gemma2(false),
                "VaultGemma",
                ImmutableSet.of("vaultgemma"),
                "VaultGemma 1B; sliding and full layers are kept apart",
                DEFAULTS);
    }

    @Override
    public String name() {
        return "Gemma 2";
    }

    @Override
    public ImmutableSet<String> modelTypes() {
        return ImmutableSet.of("gemma2");
    }

    @Override
    public String notes() {
        return "every other layer slides, so neighbours of a released model can't be merged, only dropped";
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

    private Layer layer(GemmaParts parts, String type) {
        Block attention = parts.attention(type)
                .rotary(RotaryConfig.read(parts.config(), parts.sizes().headSize()))
                .build();
        return normedAfter ? parts.layer(type, attention) : parts.layerNormedBefore(type, attention);
    }

    private static ImmutableList<String> types(ModelConfig config) {
        return LayerTypes.read(config, i -> i % 2 == 0);
    }

    @Override
    public ModelConfig collapse(ModelConfig config, CollapsePlan plan) {
        ModelConfig collapsed = LayerKeys.named("num_hidden_layers").collapse(config, plan);
        return LayerTypes.keep(config, collapsed, plan, Gemma2::types);
    }
}
