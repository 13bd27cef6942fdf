package org.laco.model.family;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import org.laco.model.block.Decoder;
import org.laco.model.block.Embedding;
import org.laco.model.block.Layer;
import org.laco.model.block.Residual;
import org.laco.model.block.RmsNorm;
import org.laco.model.config.ModelConfig;
import org.laco.model.config.Range;
import org.laco.plan.CollapsePlan;
import org.laco.tensor.TensorSource;

/** Qwen 2 and 2.5: as Llama with biases of queries, keys and values; upper layers may attend to a window. */
final class Qwen2 implements Family {
    /** What transformers takes for a key that a configuration hasn't. */
    private static final ImmutableMap<String, Object> DEFAULTS = ImmutableMap.<String, Object>builder()
            .put("vocab_size", 151936)
            .put("hidden_size", 4096)
            .put("intermediate_size", 22016)
            .put("num_hidden_layers", 32)
            .put("num_attention_heads", 32)
            .put("num_key_value_heads", 32)
            .put("hidden_act", "silu")
            .put("max_position_embeddings", 32768)
            .put("rms_norm_eps", 1e-6)
            .put("tie_word_embeddings", false)
            .put("rope_theta", 10_000.0)
            .put("use_sliding_window", false)
            .put("sliding_window", 4096)
            .put("max_window_layers", 28)
            .buildOrThrow();

    /** Those of the language model of Qwen 2 VL and 2.5 VL. */
    private static final ImmutableMap<String, Object> VISION_DEFAULTS = ImmutableMap.<String, Object>builder()
            .putAll(DEFAULTS)
            .put("vocab_size", 152064)
            .put("hidden_size", 8192)
            .put("intermediate_size", 29568)
            .put("num_hidden_layers", 80)
            .put("num_attention_heads", 64)
            .put("num_key_value_heads", 8)
            .put("rms_norm_eps", 1e-5)
            .put("rope_theta", 1_000_000.0)
            .put("max_window_layers", 80)
            .buildKeepingLast();

    /** The language model of Qwen 2 VL and 2.5 VL, whose positions of text are those of a text model. */
    static Family withVision() {
        return new FamilyVariant(
                new Qwen2(),
                "Qwen 2 VL",
                ImmutableSet.of("qwen2_vl_text", "qwen2_5_vl_text"),
                "the language model of Qwen 2 VL and 2.5 VL, collapsed for text",
                VISION_DEFAULTS);
    }

    @Override
    public String name() {
        return "Qwen 2";
    }

    @Override
    public ImmutableSet<String> modelTypes() {
        return ImmutableSet.of("qwen2");
    }

    @Override
    public String notes() {
        return "Qwen 2 and 2.5; sliding and full layers are kept apart";
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
                        RmsNorm.of("input_layernorm", sizes.width(), epsilon),
                        LayerTypes.window(sizes.attention(true, "o_proj", false), type, config)
                                .rotary(RotaryConfig.read(config, sizes.headSize()))
                                .build()),
                Residual.of(
                        RmsNorm.of("post_attention_layernorm", sizes.width(), epsilon), sizes.gated(config, false)));
        return LayerTypes.mark(layer, type);
    }

    @Override
    public ModelConfig collapse(ModelConfig config, CollapsePlan plan) {
        return QwenWindow.collapse(config, plan);
    }
}
