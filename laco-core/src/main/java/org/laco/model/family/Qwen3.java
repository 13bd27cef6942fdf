package org.laco.model.family;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import org.laco.model.block.Block;
import org.laco.model.block.Decoder;
import org.laco.model.block.Embedding;
import org.laco.model.block.Layer;
import org.laco.model.block.Residual;
import org.laco.model.block.RmsNorm;
import org.laco.model.block.Rotary;
import org.laco.model.config.ModelConfig;
import org.laco.model.config.Range;
import org.laco.plan.CollapsePlan;
import org.laco.tensor.TensorSource;

/** Qwen 3, dense: as Llama with norms of each head's queries and keys; upper layers may attend to a window. */
final class Qwen3 implements Family {
    /** What transformers takes for a key that a configuration hasn't. */
    private static final ImmutableMap<String, Object> DEFAULTS = ImmutableMap.<String, Object>builder()
            .put("vocab_size", 151936)
            .put("hidden_size", 4096)
            .put("intermediate_size", 22016)
            .put("num_hidden_layers", 32)
            .put("num_attention_heads", 32)
            .put("num_key_value_heads", 32)
            .put("head_dim", 128)
            .put("hidden_act", "silu")
            .put("max_position_embeddings", 32768)
            .put("rms_norm_eps", 1e-6)
            .put("tie_word_embeddings", false)
            .put("rope_theta", 10_000.0)
            .put("attention_bias", false)
            .put("use_sliding_window", false)
            .put("sliding_window", 4096)
            .put("max_window_layers", 28)
            .buildOrThrow();

    /** Those of the language model of Qwen 3 VL. */
    private static final ImmutableMap<String, Object> VISION_DEFAULTS = ImmutableMap.<String, Object>builder()
            .putAll(DEFAULTS)
            .put("max_position_embeddings", 128000)
            .put("rope_theta", 500_000.0)
            .buildKeepingLast();

    /** The language model of Qwen 3 VL, whose positions of text are those of a text model. */
    static Family withVision() {
        return new FamilyVariant(
                new Qwen3(),
                "Qwen 3 VL",
                ImmutableSet.of("qwen3_vl_text"),
                "the language model of Qwen 3 VL, collapsed for text; layers that its vision tower feeds are left alone",
                VISION_DEFAULTS);
    }

    @Override
    public String name() {
        return "Qwen 3";
    }

    @Override
    public ImmutableSet<String> modelTypes() {
        return ImmutableSet.of("qwen3");
    }

    @Override
    public String notes() {
        return "the dense models; sliding and full layers are kept apart";
    }

    @Override
    public ImmutableMap<String, Object> defaults() {
        return DEFAULTS;
    }

    @Override
    public Decoder define(ModelConfig config, TensorSource tensors) {
        Dimensions sizes = Dimensions.read(config);
        double epsilon = config.number("rms_norm_eps", Range.EPSILON);
        ImmutableList<String> types = QwenWindow.types(config);
        Heads heads = Heads.read(config, tensors);
        return Decoder.builder(sizes.width(), sizes.vocabulary())
                .embedding(Embedding.of(heads.embedding()))
                .layers("model.layers.", sizes.layers(), i -> layer(config, sizes, epsilon, types.get(i)))
                .norm(RmsNorm.of("model.norm", sizes.width(), epsilon))
                .head(heads.head())
                .build();
    }

    private static Layer layer(ModelConfig config, Dimensions sizes, double epsilon, String type) {
        Layer layer = Layer.of(
                Residual.of(
                        RmsNorm.of("input_layernorm", sizes.width(), epsilon), attention(config, sizes, epsilon, type)),
                Residual.of(
                        RmsNorm.of("post_attention_layernorm", sizes.width(), epsilon), sizes.gated(config, false)));
        return LayerTypes.mark(layer, type);
    }

    /** Attention whose queries and keys are normalised head by head. */
    static Block attention(ModelConfig config, Dimensions sizes, double epsilon, String type) {
        return attention(config, sizes, epsilon, type, RotaryConfig.read(config, sizes.headSize()));
    }

    /** The same with positions of another kind. */
    static Block attention(ModelConfig config, Dimensions sizes, double epsilon, String type, Rotary rotary) {
        boolean biased = config.flag("attention_bias", false);
        return LayerTypes.window(sizes.attention(biased, "o_proj", biased), type, config)
                .queryKeyNorms(
                        RmsNorm.of("self_attn.q_norm", sizes.headSize(), epsilon),
                        RmsNorm.of("self_attn.k_norm", sizes.headSize(), epsilon))
                .rotary(rotary)
                .build();
    }

    @Override
    public ModelConfig collapse(ModelConfig config, CollapsePlan plan) {
        return QwenWindow.collapse(config, plan);
    }
}
