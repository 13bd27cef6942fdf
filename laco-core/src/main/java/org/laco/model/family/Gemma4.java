package org.laco.model.family;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.ImmutableSortedSet;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.laco.model.block.Attention;
import org.laco.model.block.Block;
import org.laco.model.block.Carried;
import org.laco.model.block.Decoder;
import org.laco.model.block.Embedding;
import org.laco.model.block.Experts;
import org.laco.model.block.Gate;
import org.laco.model.block.Head;
import org.laco.model.block.KeysAsValues;
import org.laco.model.block.Layer;
import org.laco.model.block.LayerInput;
import org.laco.model.block.LayerInputs;
import org.laco.model.block.Linear;
import org.laco.model.block.NormedExperts;
import org.laco.model.block.NormedProjection;
import org.laco.model.block.Parallel;
import org.laco.model.block.Projection;
import org.laco.model.block.Residual;
import org.laco.model.block.RmsNorm;
import org.laco.model.block.Rotary;
import org.laco.model.block.Scalar;
import org.laco.model.block.ScaledChoice;
import org.laco.model.block.ScaledNorm;
import org.laco.model.block.SeparateProjection;
import org.laco.model.block.Sequence;
import org.laco.model.block.SharedProjection;
import org.laco.model.block.StackLayout;
import org.laco.model.block.StackedExperts;
import org.laco.model.block.StoringProjection;
import org.laco.model.block.TopExperts;
import org.laco.model.block.UnitNorm;
import org.laco.model.config.ModelConfig;
import org.laco.model.config.Range;
import org.laco.plan.CollapsePlan;
import org.laco.plan.PlannedLayer;
import org.laco.tensor.TensorSource;

/** Gemma 4, text: full layers with heads of another size, whose keys may be their values, and experts beside the feed-forward block. */
final class Gemma4 implements Family {
    private static final String OVERRIDES = "per_layer_config";
    private static final String SHARED = "num_kv_shared_layers";
    private static final String LAYERS = "model.layers.";

    /** What transformers takes for a key that a configuration hasn't. */
    private static final ImmutableMap<String, Object> DEFAULTS = ImmutableMap.<String, Object>builder()
            .put("vocab_size", 262144)
            .put("hidden_size", 2304)
            .put("intermediate_size", 9216)
            .put("num_hidden_layers", 30)
            .put("num_attention_heads", 8)
            .put("num_key_value_heads", 4)
            .put("head_dim", 256)
            .put("global_head_dim", 512)
            .put("hidden_activation", "gelu_pytorch_tanh")
            .put("max_position_embeddings", 131072)
            .put("rms_norm_eps", 1e-6)
            .put("tie_word_embeddings", true)
            .put(
                    "rope_parameters",
                    ImmutableMap.of(
                            LayerTypes.SLIDING,
                            ImmutableMap.of("rope_type", "default", "rope_theta", 10_000.0),
                            LayerTypes.FULL,
                            ImmutableMap.of(
                                    "rope_type",
                                    "proportional",
                                    "partial_rotary_factor",
                                    0.25,
                                    "rope_theta",
                                    1_000_000.0)))
            .put("attention_bias", false)
            .put("sliding_window", 512)
            .put("hidden_size_per_layer_input", 256)
            .put(SHARED, 0)
            .put("attention_k_eq_v", false)
            .put("enable_moe_block", false)
            .buildOrThrow();

    /** In a model without a list, every sixth layer is full. */
    private static final int PERIOD = 6;

    @Override
    public String name() {
        return "Gemma 4 (text)";
    }

    @Override
    public ImmutableSet<String> modelTypes() {
        return ImmutableSet.of("gemma4_text");
    }

    @Override
    public String notes() {
        return "dense models, 26B-A4B, and E2B and E4B with inputs of each layer and shared keys and values, which can't be trained";
    }

    @Override
    public ImmutableMap<String, Object> defaults() {
        return DEFAULTS;
    }

    @Override
    public Decoder define(ModelConfig config, TensorSource tensors) {
        checkArgument(
                !config.string("use_bidirectional_attention", "").equals("all"),
                "config.json: use_bidirectional_attention all is not supported, expected vision or null:"
                        + " layer collapse compares causal models");
        Dimensions sizes = Dimensions.read(config);
        ImmutableList<String> types = types(config);
        Sharing sharing = Sharing.read(config, types);
        Heads heads = Heads.read(config, tensors);
        Decoder.Builder decoder = Decoder.builder(sizes.width(), sizes.vocabulary())
                .embedding(Embedding.of(heads.embedding()).scaled(Math.sqrt(sizes.width())))
                .layers(LAYERS, sizes.layers(), i -> new Parts(config, i, types.get(i), sharing).layer(tensors))
                .norm(RmsNorm.of("model.norm", sizes.width(), config.number("rms_norm_eps", Range.EPSILON)))
                .head(head(config, heads));
        return inputs(config) > 0 || sharing.layers() > 0
                ? decoder.carried(carried(config, sharing)).build()
                : decoder.build();
    }

    /** The width of the input that a layer has of its own. */
    private static int inputs(ModelConfig config) {
        return config.integer("hidden_size_per_layer_input", Range.between(0, 1 << 14));
    }

    private static Carried carried(ModelConfig config, Sharing sharing) {
        int size = inputs(config);
        Optional<LayerInputs> inputs = size == 0
                ? Optional.empty()
                : Optional.of(new LayerInputs(
                        "model.embed_tokens_per_layer.weight",
                        "model.per_layer_model_projection.weight",
                        RmsNorm.of(
                                "model.per_layer_projection_norm", size, config.number("rms_norm_eps", Range.EPSILON)),
                        Dimensions.layers(config),
                        size));
        return new Carried(inputs, sharing.columns());
    }

    /**
     * Which layers take keys and values of the last layer of their type before them, and in which of the columns that are carried.
     *
     * @param layers how many layers do, the last ones
     * @param first the first of these layers
     * @param places the first column of each type's keys
     * @param columns how many columns keys and values of all types take
     */
    private record Sharing(int layers, int first, ImmutableMap<String, Integer> places, int columns) {
        static Sharing read(ModelConfig config, ImmutableList<String> types) {
            int count = types.size();
            int shared = config.integer(SHARED, Range.between(0, count));
            if (shared == 0) {
                return new Sharing(0, count, ImmutableMap.of(), 0);
            }
            int first = count - shared;
            ImmutableMap.Builder<String, Integer> places = ImmutableMap.builder();
            int before = count * inputs(config);
            int at = before;
            for (String type : ImmutableSortedSet.copyOf(types)) {
                int source = types.subList(0, first).lastIndexOf(type);
                checkArgument(
                        source >= 0,
                        "config.json: the last %s layers take keys and values of layers before them (num_kv_shared_layers), but none of"
                                + " those is of the type %s",
                        shared,
                        type);
                places.put(type, at);
                at += 2 * Parts.sizes(config, source, type).keys();
            }
            return new Sharing(shared, first, places.buildOrThrow(), at - before);
        }

        boolean isOf(int layer) {
            return layer >= first;
        }
    }

    private static Head head(ModelConfig config, Heads heads) {
        return config.has("final_logit_softcapping")
                ? heads.head().capped(config.number("final_logit_softcapping", Range.MULTIPLIER))
                : heads.head();
    }

    /** Reads the types of layers. The last one is full, whatever a list says. */
    private static ImmutableList<String> types(ModelConfig config) {
        ImmutableList<String> read = LayerTypes.read(config, i -> (i + 1) % PERIOD != 0);
        return ImmutableList.<String>builder()
                .addAll(read.subList(0, read.size() - 1))
                .add(LayerTypes.FULL)
                .build();
    }

    @Override
    public ModelConfig collapse(ModelConfig config, CollapsePlan plan) {
        ImmutableList<String> wanted = LayerKeys.pick(types(config), plan);
        checkArgument(
                wanted.get(wanted.size() - 1).equals(LayerTypes.FULL),
                "the plan ends with layer %s, whose attention slides, but the last layer of a Gemma 4 model is full: leave its last"
                        + " layer where it is",
                plan.layers().get(plan.size() - 1).base().index());
        ModelConfig collapsed = LayerKeys.named("num_hidden_layers").collapse(config, plan);
        int shared = config.integer(SHARED, Range.atLeast(0));
        if (shared > 0) {
            int first = plan.originalSize() - shared;
            collapsed = collapsed.with(SHARED, (int) plan.layers().stream()
                    .filter(layer -> layer.base().index() >= first)
                    .count());
            Sharing.read(collapsed, wanted);
        }
        if (config.has(OVERRIDES)) {
            collapsed = collapsed.with(OVERRIDES, renumbered(config.object(OVERRIDES), plan));
        }
        return LayerTypes.keep(config, collapsed, plan, Gemma4::types);
    }

    /** The entries of the planned layers' bases, under numbers that are padded to one width, as transformers writes them. */
    private static Map<String, Object> renumbered(ModelConfig overrides, CollapsePlan plan) {
        Map<Integer, Object> byNumber = new TreeMap<>();
        overrides.values().forEach((key, value) -> byNumber.put(number(key), value));
        ImmutableMap.Builder<String, Object> renumbered = ImmutableMap.builder();
        int digits = Integer.toString(plan.size() - 1).length();
        for (int i = 0; i < plan.size(); i++) {
            PlannedLayer layer = plan.layers().get(i);
            if (byNumber.containsKey(layer.base().index())) {
                renumbered.put(
                        String.format("%0" + digits + "d", i),
                        byNumber.get(layer.base().index()));
            }
        }
        return renumbered.buildOrThrow();
    }

    private static int number(String key) {
        try {
            return Integer.parseInt(key);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(
                    "config.json: key " + OVERRIDES + " has an entry " + key + ", expected the numbers of layers", e);
        }
    }

    /** The parts of one layer. */
    private static final class Parts {
        private final ModelConfig config;
        private final int number;
        private final String type;
        private final Sharing sharing;
        private final Dimensions sizes;
        private final double epsilon;

        Parts(ModelConfig config, int layer, String type, Sharing sharing) {
            this.config = config;
            this.number = layer;
            this.type = type;
            this.sharing = sharing;
            this.sizes = sizes(config, layer, type);
            this.epsilon = config.number("rms_norm_eps", Range.EPSILON);
        }

        /** The sizes of a layer's own heads; without an entry for each layer they differ in full layers. */
        private static Dimensions sizes(ModelConfig config, int layer, String type) {
            Dimensions sizes = Dimensions.read(config);
            if (config.has(OVERRIDES)) {
                ModelConfig all = config.object(OVERRIDES);
                return all.values().keySet().stream()
                        .filter(key -> number(key) == layer)
                        .findFirst()
                        .map(key -> sizes.withHeads(
                                all.object(key).integer("num_key_value_heads", Range.COUNT, sizes.keyValueHeads()),
                                all.object(key).integer("head_dim", Range.COUNT, sizes.headSize())))
                        .orElse(sizes);
            }
            if (!type.equals(LayerTypes.FULL)) {
                return sizes;
            }
            boolean own = config.flag("attention_k_eq_v", false) && config.has("num_global_key_value_heads");
            return sizes.withHeads(
                    own ? config.integer("num_global_key_value_heads", Range.COUNT) : sizes.keyValueHeads(),
                    config.integer("global_head_dim", Range.COUNT));
        }

        Layer layer(TensorSource tensors) {
            Residual attention =
                    Residual.of(norm("input_layernorm"), attention(tensors), norm("post_attention_layernorm"));
            Scalar last = new Scalar("layer_scalar");
            int input = inputs(config);
            Layer layer = input == 0
                    ? Layer.of(attention, feedForward().then(last))
                    : Layer.of(attention, feedForward(), own(input).then(last));
            Layer marked = LayerTypes.mark(layer, type);
            return sharing.layers() == 0
                    ? marked
                    : marked.with("keys and values", sharing.isOf(number) ? "of a layer below" : "its own");
        }

        /** The layer's own input, gated by the hidden states. */
        private Residual own(int size) {
            return Residual.of(
                    new LayerInput(
                            Linear.of("per_layer_input_gate", sizes.width(), size, false),
                            Dimensions.activation(config, "hidden_activation"),
                            Linear.of("per_layer_projection", size, sizes.width(), false),
                            number * size),
                    norm("post_per_layer_input_norm"));
        }

        private RmsNorm norm(String name) {
            return norm(name, sizes.width());
        }

        private RmsNorm norm(String name, int width) {
            return RmsNorm.of(name, width, epsilon);
        }

        private Block attention(TensorSource tensors) {
            boolean biased = config.flag("attention_bias", false);
            Attention.Builder attention = sizes.attention(
                            sharing.layers() == 0 ? own(biased) : sharing(biased, tensors),
                            Linear.of("self_attn.o_proj", sizes.queries(), sizes.width(), biased))
                    .scale(1)
                    .rotary(rotary());
            return LayerTypes.window(attention, type, config).build();
        }

        private Projection own(boolean biased) {
            return new NormedProjection(
                    projection(biased),
                    norm("self_attn.q_norm", sizes.headSize()),
                    norm("self_attn.k_norm", sizes.headSize()),
                    new UnitNorm(sizes.headSize(), epsilon));
        }

        /** Keys are handed on before they are rotated, which those who take them do as well. */
        private Projection sharing(boolean biased, TensorSource tensors) {
            int place = sharing.places().get(type);
            if (!sharing.isOf(number)) {
                return new StoringProjection(own(biased), place);
            }
            boolean stored = tensors.contains(LAYERS + number + ".self_attn.k_proj.weight");
            return new SharedProjection(
                    Linear.of("self_attn.q_proj", sizes.width(), sizes.queries(), biased),
                    norm("self_attn.q_norm", sizes.headSize()),
                    place,
                    sizes.keys(),
                    stored ? Optional.of(own(biased)) : Optional.empty());
        }

        private Projection projection(boolean biased) {
            Linear query = Linear.of("self_attn.q_proj", sizes.width(), sizes.queries(), biased);
            Linear key = Linear.of("self_attn.k_proj", sizes.width(), sizes.keys(), biased);
            return config.flag("attention_k_eq_v", false) && type.equals(LayerTypes.FULL)
                    ? new KeysAsValues(query, key)
                    : new SeparateProjection(
                            query, key, Linear.of("self_attn.v_proj", sizes.width(), sizes.keys(), biased));
        }

        private Rotary rotary() {
            ModelConfig byType = config.object("rope_parameters");
            return RotaryConfig.of(config, byType.object(type), "rope_theta").rotary(sizes.headSize());
        }

        private boolean isDoubleWide() {
            return sharing.isOf(number) && config.flag("use_double_wide_mlp", false);
        }

        private Residual feedForward() {
            Block dense = sizes.gated(
                    "mlp.",
                    config.integer("intermediate_size", Range.SIZE) * (isDoubleWide() ? 2 : 1),
                    false,
                    Dimensions.activation(config, "hidden_activation"));
            if (!config.flag("enable_moe_block", false)) {
                return Residual.of(norm("pre_feedforward_layernorm"), dense, norm("post_feedforward_layernorm"));
            }
            return Residual.of(
                    Parallel.of(
                            Sequence.of(norm("pre_feedforward_layernorm"), dense, norm("post_feedforward_layernorm_1")),
                            Sequence.of(experts(), norm("post_feedforward_layernorm_2"))),
                    norm("post_feedforward_layernorm"));
        }

        /** Experts see the hidden states through a norm of theirs, and the router through another. */
        private Block experts() {
            int width = sizes.width();
            int count = config.integer("num_experts", Range.COUNT);
            StackedExperts experts = StackedExperts.of(
                    "experts.gate_up_proj",
                    "experts.down_proj",
                    count,
                    width,
                    config.integer("moe_intermediate_size", Range.SIZE),
                    StackLayout.ROWS,
                    Gate.of(Dimensions.activation(config, "hidden_activation")));
            return Experts.of(
                    Sequence.of(
                            new ScaledNorm("router.scale", width, epsilon, 1 / Math.sqrt(width)),
                            Linear.of("router.proj", width, count, false)),
                    new ScaledChoice(
                            TopExperts.softmax(config.integer("top_k_experts", Range.between(1, count)))
                                    .renormalised(true),
                            "router.per_expert_scale"),
                    new NormedExperts(norm("pre_feedforward_layernorm_2"), experts));
        }
    }
}
