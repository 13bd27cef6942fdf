package org.laco.model.family;

import static com.google.common.base.Preconditions.checkArgument;

import org.laco.kernel.Activation;
import org.laco.model.block.Attention;
import org.laco.model.block.Block;
import org.laco.model.block.ExpertChoice;
import org.laco.model.block.Experts;
import org.laco.model.block.FeedForward;
import org.laco.model.block.FusedGatedFeedForward;
import org.laco.model.block.GatedFeedForward;
import org.laco.model.block.Linear;
import org.laco.model.block.Projection;
import org.laco.model.block.SeparateExperts;
import org.laco.model.block.SeparateProjection;
import org.laco.model.config.ModelConfig;
import org.laco.model.config.Range;

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
        int width = config.integer("hidden_size", Range.SIZE);
        int heads = config.integer("num_attention_heads", Range.COUNT);
        return new Dimensions(
                width,
                config.integer("vocab_size", Range.SIZE),
                layers(config),
                heads,
                sharedBy(heads, config.integer("num_key_value_heads", Range.COUNT, heads)),
                config.has("head_dim") ? config.integer("head_dim", Range.COUNT) : headSize(width, heads));
    }

    /** The number of layers. */
    static int layers(ModelConfig config) {
        return config.integer("num_hidden_layers", Range.COUNT);
    }

    /** The width of a head where heads divide the hidden width. */
    static int headSize(int width, int heads) {
        checkArgument(
                width % heads == 0,
                "config.json: the hidden size of %s is not a multiple of the %s attention heads",
                width,
                heads);
        return width / heads;
    }

    /** The number of key and value heads, of which each serves equally many query heads. */
    static int sharedBy(int heads, int keyValueHeads) {
        checkArgument(
                heads % keyValueHeads == 0,
                "config.json: the %s attention heads are not a multiple of the %s key and value heads",
                heads,
                keyValueHeads);
        return keyValueHeads;
    }

    /** Reads a function by the name that a key gives. */
    static Activation activation(ModelConfig config, String key) {
        String name = config.string(key);
        try {
            return Activation.named(name);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("config.json: key " + key + ": " + e.getMessage(), e);
        }
    }

    /** The same with other heads. */
    Dimensions withHeads(int sharedBy, int size) {
        return new Dimensions(width, vocabulary, layers, heads, sharedBy(heads, sharedBy), size);
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
        return attention(projection(biasedInputs), Linear.of("self_attn." + output, queries(), width, biasedOutput));
    }

    /** The maps {@code q_proj}, {@code k_proj} and {@code v_proj}. */
    Projection projection(boolean biased) {
        return new SeparateProjection(
                Linear.of("self_attn.q_proj", width, queries(), biased),
                Linear.of("self_attn.k_proj", width, keys(), biased),
                Linear.of("self_attn.v_proj", width, keys(), biased));
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
        return gated("mlp.", config.integer("intermediate_size", Range.SIZE), biased, activation(config, "hidden_act"));
    }

    /** Experts of {@code mlp.experts.…}, each a feed-forward block with a gate, and their router. */
    Block experts(String router, int count, ExpertChoice choice, int inner, Activation activation) {
        return Experts.of(
                Linear.of(router, width, count, false),
                choice,
                SeparateExperts.of(count, i -> gated("mlp.experts." + i + ".", inner, false, activation)));
    }

    /** A feed-forward block of {@code mlp.gate_up_proj} and {@code mlp.down_proj}. */
    Block fusedGated(ModelConfig config) {
        int inner = config.integer("intermediate_size", Range.SIZE);
        return new FusedGatedFeedForward(
                Linear.of("mlp.gate_up_proj", width, 2 * inner, false),
                Linear.of("mlp.down_proj", inner, width, false),
                activation(config, "hidden_act"));
    }

    /** A feed-forward block of {@code mlp.up_proj} and {@code mlp.down_proj}, without a gate. */
    Block ungated(ModelConfig config, boolean biased) {
        int inner = config.integer("intermediate_size", Range.SIZE);
        return new FeedForward(
                Linear.of("mlp.up_proj", width, inner, biased),
                Linear.of("mlp.down_proj", inner, width, biased),
                activation(config, "hidden_act"));
    }
}
