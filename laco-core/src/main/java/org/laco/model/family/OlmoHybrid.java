package org.laco.model.family;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import java.util.stream.Stream;
import org.laco.kernel.DeltaRuleSpec;
import org.laco.model.block.Attention;
import org.laco.model.block.Block;
import org.laco.model.block.CausalConvolution;
import org.laco.model.block.Decoder;
import org.laco.model.block.GatedDeltaNet;
import org.laco.model.block.JoinedColumns;
import org.laco.model.block.JoinedConvolutions;
import org.laco.model.block.Layer;
import org.laco.model.block.Linear;
import org.laco.model.block.Residual;
import org.laco.model.block.RmsNorm;
import org.laco.model.block.SeparateDeltaProjection;
import org.laco.model.config.ModelConfig;
import org.laco.model.config.Range;
import org.laco.plan.CollapsePlan;
import org.laco.tensor.TensorSource;

/**
 * OLMo Hybrid: gated delta nets with norms before them, whose states an update may turn round, and every few layers OLMo 3's attention with
 * norms after it, mostly without positions.
 */
final class OlmoHybrid implements Family {
    /** What transformers takes for a key that a configuration hasn't. */
    private static final ImmutableMap<String, Object> DEFAULTS = ImmutableMap.<String, Object>builder()
            .put("vocab_size", 100352)
            .put("hidden_size", 3840)
            .put("intermediate_size", 11008)
            .put("num_hidden_layers", 32)
            .put("num_attention_heads", 30)
            .put("hidden_act", "silu")
            .put("max_position_embeddings", 65536)
            .put("rms_norm_eps", 1e-6)
            .put("tie_word_embeddings", false)
            .put("rope_theta", 10_000.0)
            .put("attention_bias", false)
            .put("linear_conv_kernel_dim", 4)
            .put("linear_allow_neg_eigval", true)
            .buildOrThrow();

    private static final String MIXER = "linear_attn.";

    /** The norm of what delta nets give has it whatever {@code rms_norm_eps} says. */
    private static final double OUTPUT_EPSILON = 1e-5;

    @Override
    public String name() {
        return "OLMo Hybrid";
    }

    @Override
    public ImmutableSet<String> modelTypes() {
        return ImmutableSet.of("olmo_hybrid");
    }

    @Override
    public String notes() {
        return "OLMo Hybrid; linear and full layers are kept apart";
    }

    @Override
    public ImmutableMap<String, Object> defaults() {
        return DEFAULTS;
    }

    @Override
    public Decoder define(ModelConfig config, TensorSource tensors) {
        LlamaParts parts = LlamaParts.read(config, tensors);
        ImmutableList<String> types = types(config);
        return parts.decoder(i -> LayerTypes.markMixer(
                types.get(i).equals(LayerTypes.FULL)
                        ? full(config, parts, tensors, i)
                        : linear(config, parts, tensors, i),
                types.get(i)));
    }

    private static Layer full(ModelConfig config, LlamaParts parts, TensorSource tensors, int layer) {
        Dimensions sizes = parts.sizes();
        boolean biased = config.flag("attention_bias", false);
        Attention.Builder attention = sizes.attention(biased, "o_proj", biased)
                .queryKeyNorms(
                        parts.norm("self_attn.q_norm", sizes.queries()), parts.norm("self_attn.k_norm", sizes.keys()));
        if (isRotated(config)) {
            attention.rotary(RotaryConfig.read(config, sizes.headSize()));
        }
        return Layer.of(
                Residual.of(
                        attention.build(),
                        parts.norm(stored(tensors, layer, "feedforward_layer_norm", "post_attention_layernorm"))),
                Residual.of(sizes.gated(config, false), parts.norm("post_feedforward_layernorm")));
    }

    /** Released models have parameters of positions without a base, which means none. */
    private static boolean isRotated(ModelConfig config) {
        ModelConfig parameters = RotaryConfig.parameters(config);
        return parameters.values().isEmpty() || parameters.has("rope_theta");
    }

    private static Layer linear(ModelConfig config, LlamaParts parts, TensorSource tensors, int layer) {
        DeltaRuleSpec spec = spec(config);
        int width = parts.sizes().width();
        Block net = new GatedDeltaNet(
                new SeparateDeltaProjection(
                        JoinedColumns.of(
                                Linear.of(MIXER + "q_proj", width, spec.keyWidth(), false),
                                Linear.of(MIXER + "k_proj", width, spec.keyWidth(), false),
                                Linear.of(MIXER + "v_proj", width, spec.valueWidth(), false)),
                        Linear.of(MIXER + "g_proj", width, spec.valueWidth(), false),
                        Linear.of(MIXER + "b_proj", width, spec.valueHeads(), false),
                        Linear.of(MIXER + "a_proj", width, spec.valueHeads(), false)),
                convolution(config, tensors, layer, spec),
                Dimensions.activation(config, "hidden_act"),
                "linear_attn",
                spec,
                RmsNorm.of(MIXER + "o_norm", spec.valueSize(), OUTPUT_EPSILON),
                Linear.of(MIXER + "o_proj", spec.valueWidth(), width, false));
        return Layer.of(
                Residual.of(parts.norm(stored(tensors, layer, "attention_layer_norm", "input_layernorm")), net),
                Residual.of(
                        parts.norm(stored(tensors, layer, "feedforward_layer_norm", "post_attention_layernorm")),
                        parts.sizes().gated(config, false)));
    }

    private static DeltaRuleSpec spec(ModelConfig config) {
        int heads = config.integer("num_attention_heads", Range.COUNT);
        int keyHeads = config.integer("linear_num_key_heads", Range.COUNT, heads);
        int keySize = config.integer(
                "linear_key_head_dim", Range.COUNT, config.integer("hidden_size", Range.SIZE) * 3 / 4 / keyHeads);
        return new DeltaRuleSpec(
                keyHeads,
                config.integer("linear_num_value_heads", Range.COUNT, heads),
                keySize,
                config.integer("linear_value_head_dim", Range.COUNT, 2 * keySize),
                config.flag("linear_allow_neg_eigval", true) ? 2 : 1);
    }

    /** One convolution, or three parts of it, which files need not divide where queries, keys and values do. */
    private static Block convolution(ModelConfig config, TensorSource tensors, int layer, DeltaRuleSpec spec) {
        int kernel = config.integer("linear_conv_kernel_dim", Range.COUNT);
        ImmutableList<CausalConvolution> parts = Stream.of("q_conv1d", "k_conv1d", "v_conv1d")
                .flatMap(name -> find(tensors, layer, MIXER + name + ".weight")
                        .map(found -> new CausalConvolution(
                                MIXER + name,
                                Math.toIntExact(tensors.tensor(found).shape()[0]),
                                kernel,
                                false)))
                .collect(ImmutableList.toImmutableList());
        return parts.size() == 3
                        && parts.stream().mapToInt(CausalConvolution::channels).sum() == spec.mixedWidth()
                ? new JoinedConvolutions(parts)
                : new CausalConvolution(MIXER + "conv1d", spec.mixedWidth(), kernel, false);
    }

    /** The first of two names that a layer's norm has in the files, else the second. */
    private static String stored(TensorSource tensors, int layer, String one, String other) {
        return find(tensors, layer, one + ".weight").findAny().isPresent() ? one : other;
    }

    private static Stream<String> find(TensorSource tensors, int layer, String within) {
        String end = "layers." + layer + "." + within;
        return tensors.names().stream().filter(name -> name.equals(end) || name.endsWith("." + end));
    }

    private static ImmutableList<String> types(ModelConfig config) {
        int layers = Dimensions.layers(config);
        return LayerTypes.read(
                config,
                ImmutableSet.of(LayerTypes.LINEAR, LayerTypes.FULL),
                i -> i % 4 == 3 || layers < 4 && i == layers - 1 ? LayerTypes.FULL : LayerTypes.LINEAR);
    }

    @Override
    public ModelConfig collapse(ModelConfig config, CollapsePlan plan) {
        ImmutableList<String> left = LayerKeys.pick(types(config), plan);
        checkArgument(
                left.contains(LayerTypes.LINEAR) && left.contains(LayerTypes.FULL),
                "config.json: layer_types: all layers that are left would be %s, and transformers reads an olmo_hybrid of both kinds"
                        + " alone",
                left.get(0));
        ModelConfig collapsed = LayerKeys.named("num_hidden_layers").collapse(config, plan);
        return LayerTypes.keep(config, collapsed, plan, OlmoHybrid::types);
    }
}
