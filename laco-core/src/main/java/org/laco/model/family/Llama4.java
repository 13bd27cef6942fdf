package org.laco.model.family;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import java.util.stream.IntStream;
import org.laco.kernel.Activation;
import org.laco.model.block.Attention;
import org.laco.model.block.Block;
import org.laco.model.block.Decoder;
import org.laco.model.block.Embedding;
import org.laco.model.block.Experts;
import org.laco.model.block.Gate;
import org.laco.model.block.Layer;
import org.laco.model.block.Linear;
import org.laco.model.block.Parallel;
import org.laco.model.block.QueryGrowth;
import org.laco.model.block.Residual;
import org.laco.model.block.RmsNorm;
import org.laco.model.block.StackLayout;
import org.laco.model.block.StackedExperts;
import org.laco.model.block.TopExperts;
import org.laco.model.block.UnitNorm;
import org.laco.model.config.ModelConfig;
import org.laco.model.config.Range;
import org.laco.plan.CollapsePlan;
import org.laco.tensor.TensorSource;

/** The language model of Llama 4: rotary attention in chunks, full attention without positions, one expert by the sigmoid of its score. */
final class Llama4 implements Family {
    private static final String CHUNKED = "chunked_attention";
    private static final String CHUNK = "attention_chunk_size";
    private static final String ROTARY = "no_rope_layers";
    private static final String MOE = "moe_layers";

    /** What transformers takes for a key that a configuration hasn't. */
    private static final ImmutableMap<String, Object> DEFAULTS = ImmutableMap.<String, Object>builder()
            .put("vocab_size", 202048)
            .put("hidden_size", 5120)
            .put("intermediate_size", 8192)
            .put("intermediate_size_mlp", 16384)
            .put("num_hidden_layers", 48)
            .put("num_attention_heads", 40)
            .put("num_key_value_heads", 8)
            .put("head_dim", 128)
            .put("hidden_act", "silu")
            .put("max_position_embeddings", 131072)
            .put("rms_norm_eps", 1e-5)
            .put("tie_word_embeddings", false)
            .put("rope_theta", 500_000.0)
            .put("num_experts_per_tok", 1)
            .put("num_local_experts", 16)
            .put("interleave_moe_layer_step", 1)
            .put("use_qk_norm", true)
            .put("no_rope_layer_interval", 4)
            .put(CHUNK, 8192)
            .put("attn_temperature_tuning", true)
            .put("floor_scale", 8192)
            .put("attn_scale", 0.1)
            .put("attention_bias", false)
            .buildOrThrow();

    @Override
    public String name() {
        return "Llama 4";
    }

    @Override
    public ImmutableSet<String> modelTypes() {
        return ImmutableSet.of("llama4_text");
    }

    @Override
    public String notes() {
        return "Scout and Maverick; chunked and full layers, and layers with experts and dense ones, are kept apart";
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
        ImmutableList<Integer> moe = moe(config);
        Block experts = experts(config, sizes);
        Block dense = sizes.gated(
                "feed_forward.",
                config.integer("intermediate_size_mlp", Range.SIZE),
                false,
                Dimensions.activation(config, "hidden_act"));
        Heads heads = Heads.read(config, tensors);
        return Decoder.builder(sizes.width(), sizes.vocabulary())
                .embedding(Embedding.of(heads.embedding()))
                .layers("model.layers.", sizes.layers(), i -> {
                    boolean rotates = rotary.get(i) != 0;
                    Block attention = attention(config, sizes, epsilon, types.get(i), rotates);
                    return Layer.of(
                                    Residual.of(RmsNorm.of("input_layernorm", sizes.width(), epsilon), attention),
                                    Residual.of(
                                            RmsNorm.of("post_attention_layernorm", sizes.width(), epsilon),
                                            moe.contains(i) ? experts : dense))
                            .with("attention", types.get(i).equals(CHUNKED) ? "chunked" : "full")
                            .with("rotary", rotates ? "yes" : "no")
                            .with("feed-forward", moe.contains(i) ? "experts" : "dense");
                })
                .norm(RmsNorm.of("model.norm", sizes.width(), epsilon))
                .head(heads.head())
                .build();
    }

    private static Block attention(ModelConfig config, Dimensions sizes, double epsilon, String type, boolean rotates) {
        boolean biased = config.flag("attention_bias", false);
        Attention.Builder attention = sizes.attention(biased, "o_proj", biased);
        if (type.equals(CHUNKED)) {
            attention.chunk(config.integer(CHUNK, Range.POSITIONS));
        }
        if (rotates) {
            attention.rotary(RotaryConfig.read(config, sizes.headSize()).onInterleavedPairs());
            if (config.flag("use_qk_norm", true)) {
                Block norm = new UnitNorm(sizes.headSize(), epsilon);
                attention.rotatedQueryKeyNorms(norm, norm);
            }
        } else if (grows(config)) {
            attention.queryGrowth(new QueryGrowth(
                    config.number("attn_scale", Range.between(0, 1e6)),
                    config.integer("floor_scale", Range.POSITIONS),
                    1));
        }
        return attention.build();
    }

    /** Whether queries without positions grow with theirs; released configurations have a number for true. */
    private static boolean grows(ModelConfig config) {
        return config.values().get("attn_temperature_tuning") instanceof Number number
                ? number.doubleValue() != 0
                : config.flag("attn_temperature_tuning", true);
    }

    /** The sigmoid of a score multiplies what enters its expert. */
    private static Block experts(ModelConfig config, Dimensions sizes) {
        int count = config.integer("num_local_experts", Range.COUNT);
        int inner = config.integer("intermediate_size", Range.SIZE);
        Activation activation = Dimensions.activation(config, "hidden_act");
        return Parallel.of(
                Experts.of(
                                Linear.of("feed_forward.router", sizes.width(), count, false),
                                TopExperts.sigmoid(config.integer("num_experts_per_tok", Range.between(1, count))),
                                StackedExperts.of(
                                        "feed_forward.experts.gate_up_proj",
                                        "feed_forward.experts.down_proj",
                                        count,
                                        sizes.width(),
                                        inner,
                                        StackLayout.COLUMNS,
                                        Gate.of(activation)))
                        .scalingInput(),
                sizes.gated("feed_forward.shared_expert.", inner, false, activation));
    }

    private static ImmutableList<String> types(ModelConfig config) {
        ImmutableList<Integer> rotary = rotary(config);
        return LayerTypes.read(
                config,
                ImmutableSet.of(LayerTypes.FULL, CHUNKED),
                i -> rotary.get(i) != 0 && config.has(CHUNK) ? CHUNKED : LayerTypes.FULL);
    }

    /** One entry a layer, 1 for rotary positions and 0 for none, despite the key's name; an empty list is none. */
    private static ImmutableList<Integer> rotary(ModelConfig config) {
        int layers = Dimensions.layers(config);
        ImmutableList<Integer> listed = config.has(ROTARY) ? config.integers(ROTARY) : ImmutableList.of();
        if (listed.isEmpty()) {
            int interval = config.integer("no_rope_layer_interval", Range.COUNT);
            return IntStream.range(0, layers)
                    .mapToObj(i -> (i + 1) % interval == 0 ? 0 : 1)
                    .collect(ImmutableList.toImmutableList());
        }
        checkArgument(
                listed.size() == layers,
                "config.json: %s has %s entries, expected one for each of the %s layers",
                ROTARY,
                listed.size(),
                layers);
        return listed;
    }

    /** The numbers of the layers with experts: those listed, or every so many. */
    private static ImmutableList<Integer> moe(ModelConfig config) {
        if (config.has(MOE)) {
            return config.integers(MOE);
        }
        int step = config.integer("interleave_moe_layer_step", Range.COUNT);
        return IntStream.range(0, Dimensions.layers(config))
                .filter(i -> (i + 1) % step == 0)
                .boxed()
                .collect(ImmutableList.toImmutableList());
    }

    @Override
    public ModelConfig collapse(ModelConfig config, CollapsePlan plan) {
        ModelConfig collapsed = LayerKeys.named("num_hidden_layers").collapse(config, plan);
        ModelConfig rotating = LayerKeys.keep(ROTARY, config, collapsed, plan, Llama4::rotary);
        ModelConfig typed = LayerTypes.keep(config, rotating, plan, Llama4::types);
        ImmutableList<Integer> moe = LayerKeys.renumber(moe(config), plan);
        return moe(typed).equals(moe) ? typed : typed.with(MOE, moe);
    }
}
