package org.laco.model.family;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import org.laco.model.block.Attention;
import org.laco.model.block.Block;
import org.laco.model.block.Decoder;
import org.laco.model.block.FeedForward;
import org.laco.model.block.FusedProjection;
import org.laco.model.block.Linear;
import org.laco.model.config.ModelConfig;
import org.laco.model.config.Range;
import org.laco.plan.CollapsePlan;
import org.laco.tensor.TensorSource;

/** GPT BigCode: as GPT-2, with weights stored output first and one key and value head for all queries. */
final class GptBigCode implements Family {
    /** What transformers takes for a key that a configuration hasn't. */
    private static final ImmutableMap<String, Object> DEFAULTS = ImmutableMap.<String, Object>builder()
            .put("vocab_size", 50257)
            .put("n_positions", 1024)
            .put("n_embd", 768)
            .put("n_layer", 12)
            .put("n_head", 12)
            .put("activation_function", "gelu_pytorch_tanh")
            .put("layer_norm_epsilon", 1e-5)
            .put("scale_attn_weights", true)
            .put("multi_query", true)
            .put("add_cross_attention", false)
            .put("tie_word_embeddings", true)
            .buildOrThrow();

    @Override
    public String name() {
        return "GPT BigCode";
    }

    @Override
    public ImmutableSet<String> modelTypes() {
        return ImmutableSet.of("gpt_bigcode");
    }

    @Override
    public String notes() {
        return "SantaCoder, StarCoder, StarCoderBase, Granite Code 20B and 34B; stored masks are carried along";
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
        checkArgument(
                !config.flag("add_cross_attention", false),
                "config.json: add_cross_attention true is not supported for gpt_bigcode, expected false");
        int width = config.integer("n_embd", Range.SIZE);
        return Gpt2.decoder(config, tensors, prefix(), attention(config, width), feedForward(config, width));
    }

    /** With a key head for all queries they stand together, without they are fused head by head. */
    private static Block attention(ModelConfig config, int width) {
        int heads = config.integer("n_head", Range.COUNT);
        int size = Dimensions.headSize(width, heads);
        int shared = config.flag("multi_query", false) ? 1 : heads;
        Linear fused = Linear.of("attn.c_attn", width, width + 2 * shared * size, true);
        Attention.Builder attention = Attention.builder(heads, shared, size)
                .projection(new FusedProjection(fused, shared, width / shared, size))
                .output(Linear.of("attn.c_proj", width, width, true));
        return (config.flag("scale_attn_weights", false) ? attention : attention.scale(1)).build();
    }

    private static Block feedForward(ModelConfig config, int width) {
        int inner = config.integer("n_inner", Range.SIZE, 4 * width);
        return new FeedForward(
                Linear.of("mlp.c_fc", width, inner, true),
                Linear.of("mlp.c_proj", inner, width, true),
                Dimensions.activation(config, "activation_function"));
    }

    @Override
    public ModelConfig collapse(ModelConfig config, CollapsePlan plan) {
        return LayerKeys.named("n_layer").collapse(config, plan);
    }
}
