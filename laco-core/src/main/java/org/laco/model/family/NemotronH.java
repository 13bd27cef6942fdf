package org.laco.model.family;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import com.google.common.primitives.Chars;
import java.util.stream.Collectors;
import org.laco.kernel.StateSpaceSpec;
import org.laco.model.block.Block;
import org.laco.model.block.Decoder;
import org.laco.model.block.Embedding;
import org.laco.model.block.ExpertGroups;
import org.laco.model.block.Experts;
import org.laco.model.block.FeedForward;
import org.laco.model.block.Layer;
import org.laco.model.block.Linear;
import org.laco.model.block.Parallel;
import org.laco.model.block.Residual;
import org.laco.model.block.RmsNorm;
import org.laco.model.block.SeparateExperts;
import org.laco.model.block.SeparateProjection;
import org.laco.model.block.TopExperts;
import org.laco.model.config.ModelConfig;
import org.laco.model.config.Range;
import org.laco.plan.CollapsePlan;
import org.laco.tensor.TensorSource;

/** Nemotron H, Nemotron Nano 2 and Nemotron 3: one mixer a layer, which is Mamba 2, attention, a feed-forward block or experts. */
final class NemotronH implements Family {
    private static final String TYPES = "layers_block_type";
    private static final String PATTERN = "hybrid_override_pattern";
    private static final String COUNT = "num_hidden_layers";
    private static final String FEED_FORWARD = "mlp";
    private static final String EXPERTS = "moe";

    /** The letters of a pattern. */
    private static final ImmutableMap<String, String> LETTERS =
            ImmutableMap.of("M", LayerTypes.LINEAR, "*", LayerTypes.FULL, "-", FEED_FORWARD, "E", EXPERTS);

    /** What transformers takes for a key that a configuration hasn't. */
    private static final ImmutableMap<String, Object> DEFAULTS = ImmutableMap.<String, Object>builder()
            .put("vocab_size", 131072)
            .put("hidden_size", 4096)
            .put("intermediate_size", 21504)
            .put("num_attention_heads", 32)
            .put("num_key_value_heads", 8)
            .put("head_dim", 128)
            .put("max_position_embeddings", 4096)
            .put("layer_norm_epsilon", 1e-5)
            .put("tie_word_embeddings", false)
            .put("mlp_hidden_act", "relu2")
            .put("mlp_bias", false)
            .put("use_bias", false)
            .put("ssm_state_size", 128)
            .put("mamba_num_heads", 128)
            .put("mamba_head_dim", 64)
            .put("mamba_hidden_act", "silu")
            .put("n_groups", 8)
            .put("conv_kernel", 4)
            .put("use_conv_bias", true)
            .put("time_step_min", 0.001)
            .put("n_routed_experts", 8)
            .put("num_experts_per_tok", 2)
            .put("moe_intermediate_size", 7688)
            .put("moe_shared_expert_intermediate_size", 7688)
            .put("routed_scaling_factor", 1.0)
            .put("n_group", 1)
            .put("topk_group", 1)
            .put("norm_topk_prob", true)
            .buildOrThrow();

    @Override
    public String name() {
        return "Nemotron H";
    }

    @Override
    public ImmutableSet<String> modelTypes() {
        return ImmutableSet.of("nemotron_h");
    }

    @Override
    public String notes() {
        return "Nemotron Nano 2 and Nemotron 3 too; Mamba 2, attention, feed-forward and experts are kept apart";
    }

    @Override
    public String prefix() {
        return "backbone.";
    }

    @Override
    public ImmutableMap<String, Object> defaults() {
        return DEFAULTS;
    }

    @Override
    public Decoder define(ModelConfig config, TensorSource tensors) {
        ImmutableList<String> types = types(config);
        Dimensions sizes = sizes(config, types.size());
        double epsilon = config.number("layer_norm_epsilon", Range.EPSILON);
        Heads heads = Heads.read(config, tensors, "backbone.embeddings.weight", Heads.HEAD);
        return Decoder.builder(sizes.width(), sizes.vocabulary())
                .embedding(Embedding.of(heads.embedding()))
                .layers("backbone.layers.", sizes.layers(), i -> {
                    Layer layer = Layer.of(Residual.of(
                            RmsNorm.of("norm", sizes.width(), epsilon), mixer(types.get(i), config, sizes)));
                    return LayerTypes.markMixer(layer, types.get(i));
                })
                .norm(RmsNorm.of("backbone.norm_f", sizes.width(), epsilon))
                .head(heads.head())
                .build();
    }

    private static Dimensions sizes(ModelConfig config, int layers) {
        int heads = config.integer("num_attention_heads", Range.COUNT);
        return new Dimensions(
                config.integer("hidden_size", Range.SIZE),
                config.integer("vocab_size", Range.SIZE),
                layers,
                heads,
                Dimensions.sharedBy(heads, config.integer("num_key_value_heads", Range.COUNT, heads)),
                config.integer("head_dim", Range.COUNT));
    }

    private static Block mixer(String type, ModelConfig config, Dimensions sizes) {
        return switch (type) {
            case LayerTypes.LINEAR -> mamba(config, sizes.width());
            case LayerTypes.FULL -> attention(sizes);
            case FEED_FORWARD ->
                feedForward("mixer.", config, sizes.width(), config.integer("intermediate_size", Range.SIZE));
            default -> Parallel.of(experts(config, sizes.width()), sharedExpert(config, sizes.width()));
        };
    }

    private static Block mamba(ModelConfig config, int width) {
        int heads = config.integer("mamba_num_heads", Range.COUNT);
        int groups = Mamba2Config.dividedBy(
                "n_groups", older(config, "mamba_n_groups", "n_groups"), "mamba_num_heads", heads);
        // Whatever time_step_limit says, transformers bounds steps from below by the least one of the initialisation.
        double shortest =
                config.number(config.has("mamba_dt_min") ? "mamba_dt_min" : "time_step_min", Range.between(0, 1e6));
        return new Mamba2Config(
                        "mixer",
                        width,
                        new StateSpaceSpec(
                                heads,
                                config.integer("mamba_head_dim", Range.COUNT),
                                groups,
                                config.integer("ssm_state_size", Range.COUNT),
                                shortest,
                                Double.POSITIVE_INFINITY),
                        older(config, "mamba_d_conv", "conv_kernel"),
                        config.flag("mamba_conv_bias", config.flag("use_conv_bias", true)),
                        config.flag("use_bias", false),
                        Dimensions.activation(config, "mamba_hidden_act"),
                        config.number("layer_norm_epsilon", Range.EPSILON))
                .block();
    }

    /** Reads a key of older files if it is there, as transformers does, else today's. */
    private static int older(ModelConfig config, String older, String key) {
        return config.integer(config.has(older) ? older : key, Range.COUNT);
    }

    private static Block attention(Dimensions sizes) {
        return sizes.attention(
                        new SeparateProjection(
                                Linear.of("mixer.q_proj", sizes.width(), sizes.queries(), false),
                                Linear.of("mixer.k_proj", sizes.width(), sizes.keys(), false),
                                Linear.of("mixer.v_proj", sizes.width(), sizes.keys(), false)),
                        Linear.of("mixer.o_proj", sizes.queries(), sizes.width(), false))
                .build();
    }

    private static Block feedForward(String prefix, ModelConfig config, int width, int inner) {
        return feedForward(prefix, config, width, inner, config.flag("mlp_bias", false));
    }

    private static Block feedForward(String prefix, ModelConfig config, int width, int inner, boolean biased) {
        return new FeedForward(
                Linear.of(prefix + "up_proj", width, inner, biased),
                Linear.of(prefix + "down_proj", inner, width, biased),
                Dimensions.activation(config, "mlp_hidden_act"));
    }

    private static Block experts(ModelConfig config, int width) {
        checkArgument(
                !config.has("moe_latent_size"),
                "config.json: moe_latent_size is not supported, expected null: experts of the hidden width");
        int count = config.integer("n_routed_experts", Range.COUNT);
        int groups = config.integer("n_group", Range.between(1, count));
        int inner = config.integer("moe_intermediate_size", Range.SIZE);
        int keptGroups = config.integer("topk_group", Range.between(1, groups));
        TopExperts choice = TopExperts.sigmoid(config.integer("num_experts_per_tok", Range.between(1, count)))
                .corrected("mixer.gate.e_score_correction_bias")
                .renormalised(config.flag("norm_topk_prob", true))
                .scaled(config.number("routed_scaling_factor", Range.MULTIPLIER));
        return Experts.of(
                Linear.of("mixer.gate", width, count, false),
                groups == 1 ? choice : choice.among(new ExpertGroups(groups, keptGroups, 2)),
                SeparateExperts.of(count, i -> feedForward("mixer.experts." + i + ".", config, width, inner, false)));
    }

    private static Block sharedExpert(ModelConfig config, int width) {
        int inner = config.integer("moe_shared_expert_intermediate_size", Range.SIZE);
        return feedForward("mixer.shared_experts.", config, width, inner);
    }

    /** The type of each layer, by a list or by a pattern of letters; there are as many layers as it has entries. */
    private static ImmutableList<String> types(ModelConfig config) {
        if (!config.has(TYPES) && config.has(PATTERN)) {
            return pattern(config.string(PATTERN));
        }
        ImmutableList<String> types = config.has(TYPES)
                ? LayerTypes.read(config, TYPES, ImmutableSet.copyOf(LETTERS.values()))
                : ImmutableList.of(LayerTypes.LINEAR, EXPERTS, LayerTypes.FULL, FEED_FORWARD);
        checkArgument(!types.isEmpty(), "config.json: %s is empty, expected one entry a layer", TYPES);
        return types;
    }

    private static ImmutableList<String> pattern(String pattern) {
        checkArgument(
                !pattern.isEmpty()
                        && pattern.chars().allMatch(letter -> LETTERS.containsKey(Character.toString(letter))),
                "config.json: %s is \"%s\", expected one of the letters %s a layer",
                PATTERN,
                pattern,
                String.join(" ", LETTERS.keySet()));
        return pattern.chars()
                .mapToObj(letter -> LETTERS.get(Character.toString(letter)))
                .collect(ImmutableList.toImmutableList());
    }

    @Override
    public ModelConfig collapse(ModelConfig config, CollapsePlan plan) {
        ModelConfig collapsed = config.has(COUNT) ? config.with(COUNT, plan.size()) : config;
        if (config.has(PATTERN) && config.string(PATTERN).length() == plan.originalSize()) {
            collapsed = collapsed.with(PATTERN, pick(config.string(PATTERN), plan));
        }
        if (config.has(TYPES)) {
            return collapsed.with(TYPES, LayerKeys.pick(config.strings(TYPES), plan));
        }
        return LayerKeys.keep(TYPES, config, collapsed, plan, NemotronH::types);
    }

    private static String pick(String pattern, CollapsePlan plan) {
        ImmutableList<Character> letters =
                Chars.asList(pattern.toCharArray()).stream().collect(ImmutableList.toImmutableList());
        return LayerKeys.pick(letters, plan).stream().map(String::valueOf).collect(Collectors.joining());
    }
}
