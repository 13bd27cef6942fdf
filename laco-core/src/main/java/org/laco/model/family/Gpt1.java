package org.laco.model.family;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import org.laco.kernel.Activation;
import org.laco.model.block.Attention;
import org.laco.model.block.Block;
import org.laco.model.block.Decoder;
import org.laco.model.block.Embedding;
import org.laco.model.block.FeedForward;
import org.laco.model.block.FusedProjection;
import org.laco.model.block.Layer;
import org.laco.model.block.LayerNorm;
import org.laco.model.block.Residual;
import org.laco.model.config.ModelConfig;
import org.laco.model.config.Range;
import org.laco.plan.CollapsePlan;
import org.laco.tensor.TensorSource;

/** The first GPT: as GPT-2 with norms of the sums after attention and feed-forward, and none after the last layer. */
final class Gpt1 implements Family {
    /** What transformers takes for a key that a configuration hasn't. */
    private static final ImmutableMap<String, Object> DEFAULTS = ImmutableMap.<String, Object>builder()
            .put("vocab_size", 40478)
            .put("n_positions", 512)
            .put("n_embd", 768)
            .put("n_layer", 12)
            .put("n_head", 12)
            .put("afn", "gelu")
            .put("layer_norm_epsilon", 1e-5)
            .put("tie_word_embeddings", true)
            .buildOrThrow();

    @Override
    public String name() {
        return "GPT";
    }

    @Override
    public ImmutableSet<String> modelTypes() {
        return ImmutableSet.of("openai-gpt");
    }

    @Override
    public String notes() {
        return "GPT of 2018; stored masks are carried along";
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
        int width = config.integer("n_embd", Range.SIZE);
        double epsilon = config.number("layer_norm_epsilon", Range.EPSILON);
        Layer layer = Layer.of(
                Residual.of(attention(config, width)).then(LayerNorm.of("ln_1", width, epsilon)),
                Residual.of(feedForward(config, width)).then(LayerNorm.of("ln_2", width, epsilon)));
        Heads heads = Heads.read(config, tensors, prefix() + "tokens_embed.weight", Heads.HEAD);
        return Decoder.builder(width, config.integer("vocab_size", Range.SIZE))
                .embedding(Embedding.of(heads.embedding()).withPositions(prefix() + "positions_embed.weight", 0))
                .layers(prefix() + "h.", config.integer("n_layer", Range.COUNT), i -> layer)
                .head(heads.head())
                .build();
    }

    private static Block attention(ModelConfig config, int width) {
        int heads = config.integer("n_head", Range.COUNT);
        return Attention.builder(heads, heads, Dimensions.headSize(width, heads))
                .projection(FusedProjection.inOneGroup(Gpt2.inputFirst("attn.c_attn", width, 3 * width), width, width))
                .output(Gpt2.inputFirst("attn.c_proj", width, width))
                .build();
    }

    private static Block feedForward(ModelConfig config, int width) {
        return new FeedForward(
                Gpt2.inputFirst("mlp.c_fc", width, 4 * width),
                Gpt2.inputFirst("mlp.c_proj", 4 * width, width),
                activation(config));
    }

    /** The function that this family means by a name, which for GELU is the approximation. */
    private static Activation activation(ModelConfig config) {
        Activation named = Dimensions.activation(config, "afn");
        return switch (named) {
            case GELU -> Activation.GELU_TANH;
            case RELU, SILU -> named;
            default ->
                throw new IllegalArgumentException("config.json: afn " + config.string("afn")
                        + " is not supported for openai-gpt, expected gelu, relu, silu or swish");
        };
    }

    @Override
    public ModelConfig collapse(ModelConfig config, CollapsePlan plan) {
        return LayerKeys.named("n_layer").collapse(config, plan);
    }
}
