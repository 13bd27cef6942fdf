package org.laco.model.family;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import org.laco.kernel.Activation;
import org.laco.model.block.Alibi;
import org.laco.model.block.Attention;
import org.laco.model.block.Block;
import org.laco.model.block.Clip;
import org.laco.model.block.Decoder;
import org.laco.model.block.Embedding;
import org.laco.model.block.FeedForward;
import org.laco.model.block.FusedProjection;
import org.laco.model.block.Layer;
import org.laco.model.block.LayerNorm;
import org.laco.model.block.Linear;
import org.laco.model.block.Projection;
import org.laco.model.block.Residual;
import org.laco.model.config.ModelConfig;
import org.laco.model.config.Range;
import org.laco.plan.CollapsePlan;
import org.laco.tensor.TensorSource;

/** MPT: linear biases, layer norms without bias, queries, keys and values by one map. Nothing of it has a bias. */
final class Mpt implements Family {
    /** What transformers builds, whatever the configuration says of it. */
    private static final int EXPANSION = 4;

    private static final double LARGEST_BIAS = 8;

    /** What transformers takes for a key that a configuration hasn't. */
    private static final ImmutableMap<String, Object> DEFAULTS = ImmutableMap.<String, Object>builder()
            .put("vocab_size", 50368)
            .put("d_model", 2048)
            .put("n_layers", 24)
            .put("n_heads", 16)
            .put("expansion_ratio", EXPANSION)
            .put("layer_norm_epsilon", 1e-5)
            .put("norm_type", "low_precision_layernorm")
            .put("no_bias", true)
            .put("tie_word_embeddings", true)
            .buildOrThrow();

    @Override
    public String name() {
        return "MPT";
    }

    @Override
    public ImmutableSet<String> modelTypes() {
        return ImmutableSet.of("mpt");
    }

    @Override
    public String notes() {
        return "MPT 7B and 30B, StoryWriter, with linear biases; not those with other positions or norms of queries and keys";
    }

    @Override
    public ImmutableMap<String, Object> defaults() {
        return DEFAULTS;
    }

    @Override
    public ImmutableMap<String, String> synonyms() {
        return ImmutableMap.of(
                "hidden_size", "d_model", "num_attention_heads", "n_heads", "num_hidden_layers", "n_layers");
    }

    @Override
    public String prefix() {
        return "transformer.";
    }

    @Override
    public Decoder define(ModelConfig config, TensorSource tensors) {
        refuseOthers(config);
        int width = config.integer("d_model", Range.SIZE);
        Layer layer = Layer.of(
                Residual.of(norm(config, "norm_1"), attention(config, width)),
                Residual.of(norm(config, "norm_2"), feedForward(width)));
        Heads heads = Heads.read(config, tensors, prefix() + "wte.weight", Heads.HEAD);
        return Decoder.builder(width, config.integer("vocab_size", Range.SIZE))
                .embedding(Embedding.of(heads.embedding()))
                .layers(prefix() + "blocks.", config.integer("n_layers", Range.COUNT), i -> layer)
                .norm(norm(config, prefix() + "norm_f"))
                .head(heads.head())
                .build();
    }

    /** Files of the library that trained the models can say what transformers passes over. */
    private static void refuseOthers(ModelConfig config) {
        int expansion = config.integer("expansion_ratio", Range.COUNT);
        expect("expansion_ratio", expansion, EXPANSION, expansion == EXPANSION);
        boolean unbiased = config.flag("no_bias", true);
        expect("no_bias", unbiased, true, unbiased);
        String norms = config.string("norm_type");
        expect("norm_type", norms, "low_precision_layernorm or layernorm", norms.endsWith("layernorm"));
        expect("logit_scale", config.values().get("logit_scale"), "null", !config.has("logit_scale"));
    }

    private static Block attention(ModelConfig config, int width) {
        ModelConfig parameters =
                config.has("attn_config") ? config.object("attn_config") : ModelConfig.of(ImmutableMap.of());
        refuseOtherAttention(parameters);
        int heads = config.integer("n_heads", Range.COUNT);
        int size = Dimensions.headSize(width, heads);
        Projection fused = FusedProjection.inOneGroup(Linear.of("attn.Wqkv", width, 3 * width, false), width, width);
        return Attention.builder(heads, heads, size)
                .projection(
                        parameters.number("clip_qkv", 0) == 0
                                ? fused
                                : clip(parameters).of(fused))
                .output(Linear.of("attn.out_proj", width, width, false))
                .slopes(Alibi.slopes(heads))
                .scale(parameters.number("softmax_scale", Range.MULTIPLIER, 1 / Math.sqrt(size)))
                .build();
    }

    private static Clip clip(ModelConfig parameters) {
        return new Clip(parameters.number("clip_qkv", Range.POSITIVE));
    }

    private static void refuseOtherAttention(ModelConfig parameters) {
        String type = parameters.string("attn_type", "multihead_attention");
        expect("attn_config.attn_type", type, "multihead_attention", type.equals("multihead_attention"));
        boolean alibi = parameters.flag("alibi", true);
        expect("attn_config.alibi", alibi, true, alibi);
        double largest = parameters.number("alibi_bias_max", Range.POSITIVE, LARGEST_BIAS);
        expect("attn_config.alibi_bias_max", largest, LARGEST_BIAS, largest == LARGEST_BIAS);
        for (String key : new String[] {"prefix_lm", "qk_ln"}) {
            boolean set = parameters.flag(key, false);
            expect("attn_config." + key, set, false, !set);
        }
    }

    private static void expect(String key, Object value, Object expected, boolean isSo) {
        checkArgument(isSo, "config.json: %s %s is not supported for mpt, expected %s", key, value, expected);
    }

    private static Block feedForward(int width) {
        return new FeedForward(
                Linear.of("ffn.up_proj", width, EXPANSION * width, false),
                Linear.of("ffn.down_proj", EXPANSION * width, width, false),
                Activation.GELU);
    }

    private static LayerNorm norm(ModelConfig config, String name) {
        return LayerNorm.of(
                        name, config.integer("d_model", Range.SIZE), config.number("layer_norm_epsilon", Range.EPSILON))
                .withoutBias();
    }

    @Override
    public ModelConfig collapse(ModelConfig config, CollapsePlan plan) {
        return LayerKeys.named("n_layers").collapse(config, plan);
    }
}
