package org.laco.model.family;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.function.IntPredicate;
import org.laco.kernel.Activation;
import org.laco.model.block.Attention;
import org.laco.model.block.Block;
import org.laco.model.block.ColumnFactors;
import org.laco.model.block.Decoder;
import org.laco.model.block.Embedding;
import org.laco.model.block.ExpertChoice;
import org.laco.model.block.ExpertGroups;
import org.laco.model.block.LatentHeads;
import org.laco.model.block.LatentProjection;
import org.laco.model.block.Layer;
import org.laco.model.block.Linear;
import org.laco.model.block.Parallel;
import org.laco.model.block.Residual;
import org.laco.model.block.RmsNorm;
import org.laco.model.block.Rotary;
import org.laco.model.block.Sequence;
import org.laco.model.block.TopExperts;
import org.laco.model.config.ModelConfig;
import org.laco.model.config.Range;
import org.laco.plan.CollapsePlan;
import org.laco.tensor.TensorSource;

/** What DeepSeek's models, and those built like them, share: latent attention, shared experts, dense layers at the bottom. */
final class DeepSeekParts {
    private static final String DENSE = "first_k_dense_replace";
    private static final Range FEW = Range.between(0, 1 << 10);

    /** The norms of latent vectors have it whatever {@code rms_norm_eps} says. */
    private static final double LATENT_EPSILON = 1e-6;

    private DeepSeekParts() {}

    /** The sizes, without a check that heads divide the hidden width: latent heads have sizes of their own. */
    static Dimensions sizes(ModelConfig config) {
        int heads = config.integer("num_attention_heads", Range.COUNT);
        int keyValueHeads = config.integer("num_key_value_heads", Range.COUNT, heads);
        checkArgument(
                keyValueHeads == heads,
                "config.json: num_key_value_heads is %s, expected as many as the %s attention heads: latent attention makes keys"
                        + " and values for each",
                keyValueHeads,
                heads);
        return new Dimensions(
                config.integer("hidden_size", Range.SIZE),
                config.integer("vocab_size", Range.SIZE),
                Dimensions.layers(config),
                heads,
                heads,
                config.integer("qk_nope_head_dim", Range.COUNT) + config.integer("qk_rope_head_dim", Range.COUNT));
    }

    /** Multi-head latent attention (DeepSeek-AI, arXiv 2405.04434, section 2.1). */
    static Block attention(ModelConfig config, Dimensions sizes) {
        return attention(config, sizes, "self_attn.", 1, 1);
    }

    /**
     * The same with factors.
     *
     * @param prefix what the names of its tensors begin with
     * @param ofQueries the factor of queries
     * @param ofLatent the factor of the normalised vector that keys and values come from
     */
    static Block attention(ModelConfig config, Dimensions sizes, String prefix, double ofQueries, double ofLatent) {
        boolean biased = config.flag("attention_bias", false);
        int plain = config.integer("qk_nope_head_dim", Range.COUNT);
        int rotated = config.integer("qk_rope_head_dim", Range.COUNT);
        LatentHeads heads = new LatentHeads(sizes.heads(), plain, rotated, config.integer("v_head_dim", Range.COUNT));
        int latent = config.integer("kv_lora_rank", Range.SIZE);
        RotaryConfig positions = RotaryConfig.of(config, "rope_theta");
        Rotary rotary = positions.rotary(rotated);
        return Attention.builder(heads.heads(), heads.heads(), heads.headSize())
                .projection(new LatentProjection(
                        query(config, sizes, prefix, biased, ofQueries),
                        Linear.of(prefix + "kv_a_proj_with_mqa", sizes.width(), latent + rotated, biased),
                        scaled(RmsNorm.of(prefix + "kv_a_layernorm", latent, LATENT_EPSILON), latent, ofLatent),
                        Linear.of(prefix + "kv_b_proj", latent, heads.heads() * (plain + heads.values()), false),
                        heads))
                .output(Linear.of(prefix + "o_proj", heads.heads() * heads.values(), sizes.width(), biased))
                .valueSize(heads.values())
                .rotary(config.flag("rope_interleave", true) ? rotary.onInterleavedPairs() : rotary)
                .scale(positions.scoreFactor() / Math.sqrt(plain + rotated))
                .build();
    }

    private static Block scaled(Block block, int width, double factor) {
        return factor == 1 ? block : Sequence.of(block, ColumnFactors.of(width, factor));
    }

    /** Queries come from a latent vector too, unless the model is small. */
    private static ImmutableList<Block> query(
            ModelConfig config, Dimensions sizes, String prefix, boolean biased, double factor) {
        if (!config.has("q_lora_rank")) {
            return ImmutableList.of(scaled(
                    Linear.of(prefix + "q_proj", sizes.width(), sizes.queries(), false), sizes.queries(), factor));
        }
        int latent = config.integer("q_lora_rank", Range.SIZE);
        return ImmutableList.of(
                Linear.of(prefix + "q_a_proj", sizes.width(), latent, biased),
                RmsNorm.of(prefix + "q_a_layernorm", latent, LATENT_EPSILON),
                scaled(Linear.of(prefix + "q_b_proj", latent, sizes.queries(), false), sizes.queries(), factor));
    }

    /** The choice of DeepSeek-V3 (arXiv 2412.19437, section 2.1.2): by corrected sigmoid, of the groups whose two best are best. */
    static TopExperts correctedChoice(ModelConfig config, int experts, String correction) {
        expect(config, "scoring_func", "sigmoid");
        expect(config, "topk_method", "noaux_tc");
        Optional<ExpertGroups> groups = groups(config, experts, 2);
        TopExperts choice = TopExperts.sigmoid(chosen(config, experts, groups))
                .corrected(correction)
                .renormalised(config.flag("norm_topk_prob", true))
                .scaled(config.number("routed_scaling_factor", Range.MULTIPLIER));
        return groups.map(choice::among).orElse(choice);
    }

    /** Experts by that choice, with shared ones beside them. */
    static Block correctedMixture(ModelConfig config, Dimensions sizes) {
        return correctedMixture(config, sizes, "mlp.gate.e_score_correction_bias");
    }

    /** The same with the correction under another name. */
    static Block correctedMixture(ModelConfig config, Dimensions sizes, String correction) {
        return mixture(config, sizes, correctedChoice(config, experts(config), correction), false);
    }

    /** The groups that a choice keeps to, empty if there is one. */
    static Optional<ExpertGroups> groups(ModelConfig config, int experts, int best) {
        int groups = config.integer("n_group", Range.between(1, experts), 1);
        checkArgument(
                experts % groups == 0,
                "config.json: the %s experts don't divide into n_group, %s groups",
                experts,
                groups);
        int kept = config.integer("topk_group", Range.between(1, groups), groups);
        return groups == 1 ? Optional.empty() : Optional.of(new ExpertGroups(groups, kept, best));
    }

    /** How many experts a row goes through, not more than the groups that are kept have. */
    static int chosen(ModelConfig config, int experts, Optional<ExpertGroups> groups) {
        int open = groups.map(each -> experts / each.count() * each.kept()).orElse(experts);
        return config.integer("num_experts_per_tok", Range.between(1, open));
    }

    static int experts(ModelConfig config) {
        return config.integer("n_routed_experts", Range.COUNT);
    }

    /** Refuses a key that is there with another value than the one that this library computes. */
    static void expect(ModelConfig config, String key, String expected) {
        String stated = config.string(key, expected);
        checkArgument(
                stated.equals(expected), "config.json: %s %s is not supported, expected %s", key, stated, expected);
    }

    /** Experts, and beside them one feed-forward block as wide as all shared experts together. */
    static Block mixture(ModelConfig config, Dimensions sizes, ExpertChoice choice, boolean biasedShared) {
        int inner = config.integer("moe_intermediate_size", Range.SIZE);
        int experts = experts(config);
        Activation activation = Dimensions.activation(config, "hidden_act");
        return Parallel.of(
                sizes.experts("mlp.gate", experts, choice, inner, activation),
                sizes.gated(
                        "mlp.shared_experts.",
                        sharedWidth(config, "n_shared_experts", inner),
                        biasedShared,
                        activation));
    }

    /** The width of one feed-forward block that is as wide as so many shared experts together. */
    static int sharedWidth(ModelConfig config, String key, int inner) {
        long shared = (long) inner * config.integer(key, Range.COUNT);
        checkArgument(Range.SIZE.contains(shared), "config.json: %s elements of shared experts are too many", shared);
        return (int) shared;
    }

    /** Starts a definition in which some layers have experts and the others one feed-forward block. */
    static Decoder.Builder builder(
            ModelConfig config,
            TensorSource tensors,
            Dimensions sizes,
            Block attention,
            Block single,
            Block experts,
            IntPredicate dense) {
        return builder(config, tensors, sizes, i -> attention, single, experts, dense);
    }

    /** The same where layers differ in their attention too. */
    static Decoder.Builder builder(
            ModelConfig config,
            TensorSource tensors,
            Dimensions sizes,
            IntFunction<Block> attention,
            Block single,
            Block experts,
            IntPredicate dense) {
        Heads heads = Heads.read(config, tensors);
        return Decoder.builder(sizes.width(), sizes.vocabulary())
                .embedding(Embedding.of(heads.embedding()))
                .layers(
                        "model.layers.",
                        sizes.layers(),
                        i -> dense.test(i)
                                ? layer(config, sizes, attention.apply(i), single, true)
                                : layer(config, sizes, attention.apply(i), experts, false))
                .norm(RmsNorm.of("model.norm", sizes.width(), config.number("rms_norm_eps", Range.EPSILON)))
                .head(heads.head());
    }

    /** A layer, kept apart from those with the other kind of feed-forward block. */
    private static Layer layer(
            ModelConfig config, Dimensions sizes, Block attention, Block feedForward, boolean dense) {
        double epsilon = config.number("rms_norm_eps", Range.EPSILON);
        return Layer.of(
                        Residual.of(RmsNorm.of("input_layernorm", sizes.width(), epsilon), attention),
                        Residual.of(RmsNorm.of("post_attention_layernorm", sizes.width(), epsilon), feedForward))
                .with("feed-forward", dense ? "dense" : "experts");
    }

    /** The number of layers at the bottom without experts. */
    static int dense(ModelConfig config) {
        int every = config.integer("moe_layer_freq", Range.COUNT, 1);
        checkArgument(every == 1, "config.json: moe_layer_freq %s is not supported, expected 1", every);
        return dense(config, DENSE);
    }

    /** The same by another key. */
    static int dense(ModelConfig config, String key) {
        return config.integer(key, FEW, 0);
    }

    /** How many draft layers may be stored beyond the last one. */
    static int drafts(ModelConfig config) {
        return config.has("num_nextn_predict_layers")
                ? config.integer("num_nextn_predict_layers", FEW)
                : config.integer("num_mtp_layers", FEW, 1);
    }

    /** Writes the number of layers, and of those at the bottom without experts. */
    static ModelConfig collapse(ModelConfig config, CollapsePlan plan) {
        return keepDense(config, LayerKeys.named("num_hidden_layers").collapse(config, plan), plan, DENSE);
    }

    /** Writes the number of layers at the bottom without experts under a key. */
    static ModelConfig keepDense(ModelConfig config, ModelConfig collapsed, CollapsePlan plan, String key) {
        int left = SparseLayers.denseLeft(key, dense(config, key), plan);
        return left == dense(config, key) ? collapsed : collapsed.with(key, left);
    }

    /** The number of layers at the bottom without experts that a plan leaves. */
    static int denseLeft(ModelConfig config, CollapsePlan plan) {
        return SparseLayers.denseLeft(DENSE, dense(config), plan);
    }
}
