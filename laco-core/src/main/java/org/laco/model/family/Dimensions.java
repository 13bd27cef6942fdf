package org.laco.model.family;

import org.laco.kernel.Activation;
import org.laco.model.block.Attention;
import org.laco.model.block.Block;
import org.laco.model.block.GatedFeedForward;
import org.laco.model.block.Linear;
import org.laco.model.block.Projection;
import org.laco.model.block.SeparateProjection;
import org.laco.model.config.ModelConfig;

/**
 * The sizes of a model by the keys that most families share, and the parts that follow from them.
 *
 * @param width the hidden width
 * @param vocabulary the number of token ids
 * @param layers the number of layers
 * @param heads the number of query heads
 * @param keyValueHeads the number of key and value heads
 * @param headSize the width of a head
 */
record Dimensions(int width, int vocabulary, int layers, int heads, int keyValueHeads, int headSize) {
    static Dimensions read(ModelConfig config) {
        int width = config.integer("hidden_size");
        int heads = config.integer("num_attention_heads");
        return new Dimensions(
                width,
                config.integer("vocab_size"),
                config.integer("num_hidden_layers"),
                heads,
                config.integer("num_key_value_heads", heads),
                config.integer("head_dim", width / heads));
    }

    /** The width of all queries together. */
    int queries() {
        return heads * headSize;
    }

    /** The width of all keys together, and of all values. */
    int keys() {
        return keyValueHeads * headSize;
    }

    Attention.Builder attention(Projection projection, Linear output) {
        return Attention.builder(heads, keyValueHeads, headSize)
                .projection(projection)
                .output(output);
    }

    /** Attention by {@code q_proj}, {@code k_proj}, {@code v_proj} and an output map. */
    Attention.Builder attention(boolean biasedInputs, String output, boolean biasedOutput) {
        return attention(
                new SeparateProjection(
                        Linear.of("self_attn.q_proj", width, queries(), biasedInputs),
                        Linear.of("self_attn.k_proj", width, keys(), biasedInputs),
                        Linear.of("self_attn.v_proj", width, keys(), biasedInputs)),
                Linear.of("self_attn." + output, queries(), width, biasedOutput));
    }

    /** A feed-forward block of {@code gate_proj}, {@code up_proj} and {@code down_proj}. */
    Block gated(String prefix, int inner, boolean biased, Activation activation) {
        return new GatedFeedForward(
                Linear.of(prefix + "gate_proj", width, inner, biased),
                Linear.of(prefix + "up_proj", width, inner, biased),
                Linear.of(prefix + "down_proj", inner, width, biased),
                activation);
    }

    /** The usual feed-forward block, {@code mlp.…} of {@code intermediate_size} with the activation {@code hidden_act}. */
    Block gated(ModelConfig config, boolean biased) {
        return gated(
                "mlp.",
                config.integer("intermediate_size"),
                biased,
                Activation.named(config.string("hidden_act", "silu")));
    }
}
