package org.laco.model.family;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
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
import org.laco.model.block.Linear;
import org.laco.model.block.Parallel;
import org.laco.model.block.Residual;
import org.laco.model.config.ModelConfig;
import org.laco.tensor.TensorSource;

/**
 * Falcon: layer norms, rotary positions, attention and a plain feed-forward block side by side. The 7B model has one key head for all
 * queries; in the 40B and later models each group of query heads stands with its key and value head, and has two norms.
 */
final class Falcon implements Family {
    private static final String TOKENS = "transformer.word_embeddings.weight";

    @Override
    public String name() {
        return "Falcon";
    }

    @Override
    public ImmutableSet<String> modelTypes() {
        return ImmutableSet.of("falcon");
    }

    @Override
    public String notes() {
        return "Falcon 7B, 40B, 180B and Falcon 2; not Falcon-RW, which has linear biases, nor Falcon Mamba";
    }

    @Override
    public Decoder define(ModelConfig config, TensorSource tensors) {
        checkArgument(
                !config.flag("alibi", false), "config.json: alibi true is not supported for falcon, expected false");
        int width = config.integer("hidden_size");
        Layer layer = layer(config, width);
        return Decoder.builder(width, config.integer("vocab_size"))
                .embedding(Embedding.of(TOKENS))
                .layers("transformer.h.", config.integer("num_hidden_layers"), i -> layer)
                .norm(norm(config, "transformer.ln_f"))
                .head(Heads.read(config, true, TOKENS, Heads.HEAD))
                .build();
    }

    private static Layer layer(ModelConfig config, int width) {
        Block attention = attention(config, width);
        Block feedForward = feedForward(config, width);
        boolean grouped = isGrouped(config);
        if (grouped && config.integer("num_ln_in_parallel_attn", 2) == 2) {
            return Layer.of(Residual.parallel(
                    ImmutableList.of(norm(config, "ln_attn"), attention),
                    ImmutableList.of(norm(config, "ln_mlp"), feedForward)));
        }
        LayerNorm before = norm(config, "input_layernorm");
        return grouped || config.flag("parallel_attn", true)
                ? Layer.of(Residual.of(before, Parallel.of(attention, feedForward)))
                : Layer.of(
                        Residual.of(before, attention),
                        Residual.of(norm(config, "post_attention_layernorm"), feedForward));
    }

    private static Block attention(ModelConfig config, int width) {
        int heads = config.integer("num_attention_heads");
        int size = width / heads;
        int shared = keyValueHeads(config, heads);
        boolean biased = config.flag("bias", false);
        Linear fused = Linear.of("self_attention.query_key_value", width, width + 2 * shared * size, biased);
        return Attention.builder(heads, shared, size)
                .projection(new FusedProjection(fused, shared, width / shared, size))
                .output(Linear.of("self_attention.dense", width, width, biased))
                .rotary(RotaryConfig.read(config, size))
                .build();
    }

    private static int keyValueHeads(ModelConfig config, int heads) {
        return isGrouped(config) ? config.integer("num_kv_heads", heads) : config.flag("multi_query", true) ? 1 : heads;
    }

    private static boolean isGrouped(ModelConfig config) {
        return config.flag("new_decoder_architecture", false);
    }

    private static Block feedForward(ModelConfig config, int width) {
        boolean biased = config.flag("bias", false);
        int inner = config.integer("ffn_hidden_size", 4 * width);
        return new FeedForward(
                Linear.of("mlp.dense_h_to_4h", width, inner, biased),
                Linear.of("mlp.dense_4h_to_h", inner, width, biased),
                Activation.named(config.string("activation", "gelu")));
    }

    private static LayerNorm norm(ModelConfig config, String name) {
        return LayerNorm.of(name, config.integer("hidden_size"), config.number("layer_norm_epsilon", 1e-5));
    }
}
