package org.laco.model.family;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import org.laco.model.block.Attention;
import org.laco.model.block.Decoder;
import org.laco.model.block.Embedding;
import org.laco.model.block.Layer;
import org.laco.model.block.LayerNorm;
import org.laco.model.block.Parallel;
import org.laco.model.block.Residual;
import org.laco.model.config.ModelConfig;
import org.laco.model.config.Range;
import org.laco.plan.CollapsePlan;
import org.laco.tensor.TensorSource;

/** Command R7B and A: as Command R, and three of four layers attend to a window; the others have no positions. */
final class Cohere2 implements Family {
    /** What transformers takes for a key that a configuration hasn't. */
    private static final ImmutableMap<String, Object> DEFAULTS = ImmutableMap.<String, Object>builder()
            .put("vocab_size", 256000)
            .put("hidden_size", 8192)
            .put("intermediate_size", 22528)
            .put("num_hidden_layers", 40)
            .put("num_attention_heads", 64)
            .put("hidden_act", "silu")
            .put("max_position_embeddings", 8192)
            .put("layer_norm_eps", 1e-5)
            .put("tie_word_embeddings", true)
            .put("rope_theta", 10_000.0)
            .put("attention_bias", false)
            .put("logit_scale", 0.0625)
            .put("sliding_window", 4096)
            .put("sliding_window_pattern", 4)
            .buildOrThrow();

    @Override
    public String name() {
        return "Cohere Command R7B";
    }

    @Override
    public ImmutableSet<String> modelTypes() {
        return ImmutableSet.of("cohere2");
    }

    @Override
    public String notes() {
        return "Command R7B, Command A, Aya; sliding and full layers are kept apart";
    }

    @Override
    public ImmutableMap<String, Object> defaults() {
        return DEFAULTS;
    }

    @Override
    public Decoder define(ModelConfig config, TensorSource tensors) {
        Dimensions sizes = Dimensions.read(config);
        ImmutableList<String> types = types(config);
        Heads heads = Heads.read(config, tensors);
        return Decoder.builder(sizes.width(), sizes.vocabulary())
                .embedding(Embedding.of(heads.embedding()))
                .layers("model.layers.", sizes.layers(), i -> layer(config, sizes, types.get(i)))
                .norm(norm("model.norm", config, sizes))
                .head(heads.head().scaled(config.number("logit_scale", Range.MULTIPLIER)))
                .build();
    }

    private static Layer layer(ModelConfig config, Dimensions sizes, String type) {
        boolean biased = config.flag("attention_bias", false);
        Attention.Builder attention = LayerTypes.window(sizes.attention(biased, "o_proj", biased), type, config);
        if (type.equals(LayerTypes.SLIDING)) {
            attention.rotary(RotaryConfig.read(config, sizes.headSize()).onInterleavedPairs());
        }
        Layer layer = Layer.of(Residual.of(
                norm("input_layernorm", config, sizes), Parallel.of(attention.build(), sizes.gated(config, false))));
        return LayerTypes.mark(layer, type);
    }

    private static LayerNorm norm(String name, ModelConfig config, Dimensions sizes) {
        return LayerNorm.of(name, sizes.width(), config.number("layer_norm_eps", Range.EPSILON))
                .withoutBias();
    }

    private static ImmutableList<String> types(ModelConfig config) {
        return LayerTypes.read(config, LayerTypes.allButEach(config, "sliding_window_pattern"));
    }

    @Override
    public ModelConfig collapse(ModelConfig config, CollapsePlan plan) {
        ModelConfig collapsed = LayerKeys.named("num_hidden_layers").collapse(config, plan);
        return LayerTypes.keep(config, collapsed, plan, Cohere2::types);
    }
}
