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
import org.laco.model.config.ModelConfig;
import org.laco.model.config.Range;
import org.laco.tensor.TensorSource;

/** Mistral: as Llama, and every layer attends to a window if the configuration has one, or those do that a list of types names. */
final class Mistral implements Family {
    /** What transformers takes for a key that a configuration hasn't. */
    private static final ImmutableMap<String, Object> DEFAULTS = ImmutableMap.<String, Object>builder()
            .put("vocab_size", 32000)
            .put("hidden_size", 4096)
            .put("intermediate_size", 14336)
            .put("num_hidden_layers", 32)
            .put("num_attention_heads", 32)
            .put("num_key_value_heads", 8)
            .put("hidden_act", "silu")
            .put("max_position_embeddings", 131072)
            .put("rms_norm_eps", 1e-6)
            .put("tie_word_embeddings", false)
            .put("rope_theta", 10_000.0)
            .put("sliding_window", 4096)
            .buildOrThrow();

    @Override
    public String name() {
        return "Mistral";
    }

    @Override
    public ImmutableSet<String> modelTypes() {
        return ImmutableSet.of("mistral", "ministral");
    }

    @Override
    public String notes() {
        return "Mistral 7B and Nemo, Ministral 8B, Zephyr; the window applies to all layers, or to those that layer_types names";
    }

    @Override
    public ImmutableMap<String, Object> defaults() {
        return DEFAULTS;
    }

    @Override
    public Decoder define(ModelConfig config, TensorSource tensors) {
        Dimensions sizes = Dimensions.read(config);
        double epsilon = config.number("rms_norm_eps", Range.EPSILON);
        ImmutableList<String> types = LayerTypes.read(config, i -> config.has("sliding_window"));
        Heads heads = Heads.read(config, tensors);
        return Decoder.builder(sizes.width(), sizes.vocabulary())
                .embedding(Embedding.of(heads.embedding()))
                .layers("model.layers.", sizes.layers(), i -> layer(config, sizes, epsilon, types.get(i)))
                .norm(RmsNorm.of("model.norm", sizes.width(), epsilon))
                .head(heads.head())
                .build();
    }

    private static Layer layer(ModelConfig config, Dimensions sizes, double epsilon, String type) {
        Block attention = LayerTypes.window(sizes.attention(false, "o_proj", false), type, config)
                .rotary(RotaryConfig.read(config, sizes.headSize()))
                .build();
        Layer layer = Layer.of(
                Residual.of(RmsNorm.of("input_layernorm", sizes.width(), epsilon), attention),
                Residual.of(
                        RmsNorm.of("post_attention_layernorm", sizes.width(), epsilon), sizes.gated(config, false)));
        return config.has("layer_types") ? LayerTypes.mark(layer, type) : layer;
    }
}
