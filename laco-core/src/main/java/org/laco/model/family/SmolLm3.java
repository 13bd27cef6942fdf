package org.laco.model.family;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import java.util.stream.IntStream;
import org.laco.model.block.Attention;
import org.laco.model.block.Decoder;
import org.laco.model.block.Embedding;
import org.laco.model.block.Layer;
import org.laco.model.block.Residual;
import org.laco.model.block.RmsNorm;
import org.laco.model.config.ModelConfig;
import org.laco.model.config.Range;
import org.laco.plan.CollapsePlan;
import org.laco.tensor.TensorSource;

/** SmolLM 3: as Llama, and every fourth layer has no positions. */
final class SmolLm3 implements Family {
    private static final String ROTARY = "no_rope_layers";
    /** What transformers takes for a key that a configuration hasn't. */
    private static final ImmutableMap<String, Object> DEFAULTS = ImmutableMap.<String, Object>builder()
            .put("vocab_size", 128256)
            .put("hidden_size", 2048)
            .put("intermediate_size", 11008)
            .put("num_hidden_layers", 36)
            .put("num_attention_heads", 16)
            .put("num_key_value_heads", 4)
            .put("hidden_act", "silu")
            .put("max_position_embeddings", 32768)
            .put("rms_norm_eps", 1e-6)
            .put("tie_word_embeddings", true)
            .put("rope_theta", 2_000_000.0)
            .put("attention_bias", false)
            .put("mlp_bias", false)
            .put("use_sliding_window", false)
            .put("no_rope_layer_interval", 4)
            .buildOrThrow();

    @Override
    public String name() {
        return "SmolLM 3";
    }

    @Override
    public ImmutableSet<String> modelTypes() {
        return ImmutableSet.of("smollm3");
    }

    @Override
    public String notes() {
        return "layers with and without rotary positions are kept apart";
    }

    @Override
    public ImmutableMap<String, Object> defaults() {
        return DEFAULTS;
    }

    @Override
    public Decoder define(ModelConfig config, TensorSource tensors) {
        Dimensions sizes = Dimensions.read(config);
        double epsilon = config.number("rms_norm_eps", Range.EPSILON);
        ImmutableList<String> types = types(config);
        ImmutableList<Integer> rotary = rotary(config);
        Heads heads = Heads.read(config, tensors);
        return Decoder.builder(sizes.width(), sizes.vocabulary())
                .embedding(Embedding.of(heads.embedding()))
                .layers(
                        "model.layers.",
                        sizes.layers(),
                        i -> layer(config, sizes, epsilon, types.get(i), rotary.get(i) != 0))
                .norm(RmsNorm.of("model.norm", sizes.width(), epsilon))
                .head(heads.head())
                .build();
    }

    private static Layer layer(ModelConfig config, Dimensions sizes, double epsilon, String type, boolean rotary) {
        boolean biased = config.flag("attention_bias", false);
        Attention.Builder attention = LayerTypes.window(sizes.attention(biased, "o_proj", biased), type, config);
        if (rotary) {
            attention.rotary(RotaryConfig.of(config, "rope_theta").rotary(sizes.headSize()));
        }
        Layer layer = Layer.of(
                Residual.of(RmsNorm.of("input_layernorm", sizes.width(), epsilon), attention.build()),
                Residual.of(
                        RmsNorm.of("post_attention_layernorm", sizes.width(), epsilon),
                        sizes.gated(config, config.flag("mlp_bias", false))));
        return LayerTypes.mark(layer, type).with("rotary", rotary ? "yes" : "no");
    }

    /** One entry a layer, 1 for rotary positions and 0 for none, despite the key's name. */
    private static ImmutableList<Integer> rotary(ModelConfig config) {
        int layers = Dimensions.layers(config);
        if (!config.has(ROTARY)) {
            int interval = config.integer("no_rope_layer_interval", Range.COUNT);
            return IntStream.range(0, layers)
                    .mapToObj(i -> (i + 1) % interval == 0 ? 0 : 1)
                    .collect(ImmutableList.toImmutableList());
        }
        ImmutableList<Integer> listed = config.integers(ROTARY);
        checkArgument(
                listed.size() == layers,
                "config.json: %s has %s entries, expected one for each of the %s layers",
                ROTARY,
                listed.size(),
                layers);
        return listed;
    }

    private static ImmutableList<String> types(ModelConfig config) {
        ImmutableList<Integer> rotary = rotary(config);
        boolean windowed = config.flag("use_sliding_window", false) && config.has("sliding_window");
        return LayerTypes.read(config, i -> windowed && rotary.get(i) == 0);
    }

    @Override
    public ModelConfig collapse(ModelConfig config, CollapsePlan plan) {
        ModelConfig collapsed = LayerKeys.named("num_hidden_layers").collapse(config, plan);
        ModelConfig kept = LayerKeys.keep(ROTARY, config, collapsed, plan, SmolLm3::rotary);
        return LayerTypes.keep(config, kept, plan, SmolLm3::types);
    }
}
