package org.laco.model.family;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import org.laco.model.block.Attention;
import org.laco.model.block.Block;
import org.laco.model.block.Decoder;
import org.laco.model.block.Embedding;
import org.laco.model.block.FeedForward;
import org.laco.model.block.FusedProjection;
import org.laco.model.block.Layer;
import org.laco.model.block.LayerNorm;
import org.laco.model.block.Linear;
import org.laco.model.block.Residual;
import org.laco.model.config.ModelConfig;
import org.laco.model.config.Range;
import org.laco.plan.CollapsePlan;
import org.laco.tensor.TensorSource;

/** GPT-2: layer norms, learned positions, weights stored input first. */
final class Gpt2 implements Family {
    /** What transformers takes for a key that a configuration hasn't. */
    private static final ImmutableMap<String, Object> DEFAULTS = ImmutableMap.<String, Object>builder()
            .put("vocab_size", 50257)
            .put("n_positions", 1024)
            .put("n_embd", 768)
            .put("n_layer", 12)
            .put("n_head", 12)
            .put("activation_function", "gelu_new")
            .put("layer_norm_epsilon", 1e-5)
            .put("scale_attn_weights", true)
            .put("scale_attn_by_inverse_layer_idx", false)
            .put("add_cross_attention", false)
            .put("tie_word_embeddings", true)
            .buildOrThrow();

    @Override
    public String name() {
        return "GPT-2";
    }

    @Override
    public ImmutableSet<String> modelTypes() {
        return ImmutableSet.of("gpt2");
    }

    @Override
    public String notes() {
        return "GPT-2, DistilGPT-2, CodeParrot, with or without the prefix transformer. of its tensors";
    }

    @Override
    public ImmutableMap<String, Object> defaults() {
        return DEFAULTS;
    }

    @Override
    public ImmutableMap<String, String> synonyms() {
        return ImmutableMap.of(
                "hidden_size", "n_embd",
                "max_position_embeddings", "n_positions",
                "num_attention_heads", "n_head",
                "num_hidden_layers", "n_layer");
    }

    @Override
    public String prefix() {
        return "transformer.";
    }

    @Override
    public Decoder define(ModelConfig config, TensorSource tensors) {
        refuse(config, "scale_attn_by_inverse_layer_idx");
        refuse(config, "add_cross_attention");
        int width = config.integer("n_embd", Range.SIZE);
        return decoder(config, tensors, prefix(), attention(config, width), feedForward(config, width));
    }

    /** A model of GPT-2's names, whose layers have a norm before attention and one before feed-forward. */
    static Decoder decoder(
            ModelConfig config, TensorSource tensors, String prefix, Block attention, Block feedForward) {
        int width = config.integer("n_embd", Range.SIZE);
        double epsilon = config.number("layer_norm_epsilon", Range.EPSILON);
        Layer layer = Layer.of(
                Residual.of(LayerNorm.of("ln_1", width, epsilon), attention),
                Residual.of(LayerNorm.of("ln_2", width, epsilon), feedForward));
        Heads heads = Heads.read(config, tensors, prefix + "wte.weight", Heads.HEAD);
        return Decoder.builder(width, config.integer("vocab_size", Range.SIZE))
                .embedding(Embedding.of(heads.embedding()).withPositions(prefix + "wpe.weight", 0))
                .layers(prefix + "h.", config.integer("n_layer", Range.COUNT), i -> layer)
                .norm(LayerNorm.of(prefix + "ln_f", width, epsilon))
                .head(heads.head())
                .build();
    }

    private static Block attention(ModelConfig config, int width) {
        int heads = config.integer("n_head", Range.COUNT);
        Attention.Builder attention = Attention.builder(heads, heads, Dimensions.headSize(width, heads))
                .projection(FusedProjection.inOneGroup(inputFirst("attn.c_attn", width, 3 * width), width, width))
                .output(inputFirst("attn.c_proj", width, width));
        return (config.flag("scale_attn_weights", false) ? attention : attention.scale(1)).build();
    }

    private static Block feedForward(ModelConfig config, int width) {
        int inner = config.integer("n_inner", Range.SIZE, 4 * width);
        return new FeedForward(
                inputFirst("mlp.c_fc", width, inner),
                inputFirst("mlp.c_proj", inner, width),
                Dimensions.activation(config, "activation_function"));
    }

    /** A map with a bias, stored input first. */
    static Linear inputFirst(String name, int in, int out) {
        return new Linear(name, in, out, true, true);
    }

    private static void refuse(ModelConfig config, String key) {
        checkArgument(!config.flag(key, false), "config.json: %s true is not supported for gpt2, expected false", key);
    }

    @Override
    public ModelConfig collapse(ModelConfig config, CollapsePlan plan) {
        return LayerKeys.named("n_layer").collapse(config, plan);
    }
}
