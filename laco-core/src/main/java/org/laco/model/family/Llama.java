package org.laco.model.family;

import com.google.common.collect.ImmutableSet;
import org.laco.kernel.Activation;
import org.laco.model.ModelConfig;
import org.laco.model.block.Attention;
import org.laco.model.block.Block;
import org.laco.model.block.Decoder;
import org.laco.model.block.Embedding;
import org.laco.model.block.GatedFeedForward;
import org.laco.model.block.Head;
import org.laco.model.block.Layer;
import org.laco.model.block.Linear;
import org.laco.model.block.Residual;
import org.laco.model.block.RmsNorm;
import org.laco.model.block.SeparateProjection;
import org.laco.tensor.TensorSource;

/** Llama, Llama 2 and 3, TinyLlama, SmolLM 1 and 2: RMS norms, rotary positions, grouped queries, gated feed-forward. */
public final class Llama implements Family {
    @Override
    public ImmutableSet<String> modelTypes() {
        return ImmutableSet.of("llama");
    }

    @Override
    public Decoder define(ModelConfig config, TensorSource tensors) {
        int width = config.integer("hidden_size");
        double epsilon = config.number("rms_norm_eps", 1e-6);
        Layer layer = Layer.of(
                Residual.of(RmsNorm.of("input_layernorm", width, epsilon), attention(config, width)),
                Residual.of(RmsNorm.of("post_attention_layernorm", width, epsilon), feedForward(config, width)));
        return Decoder.builder(width, config.integer("vocab_size"))
                .embedding(Embedding.of("model.embed_tokens.weight"))
                .layers("model.layers.", config.integer("num_hidden_layers"), i -> layer)
                .norm(RmsNorm.of("model.norm", width, epsilon))
                .head(Head.of(
                        config.flag("tie_word_embeddings", false) ? "model.embed_tokens.weight" : "lm_head.weight"))
                .build();
    }

    private static Block attention(ModelConfig config, int width) {
        int heads = config.integer("num_attention_heads");
        int shared = config.integer("num_key_value_heads", heads);
        int size = config.integer("head_dim", width / heads);
        boolean biased = config.flag("attention_bias", false);
        return Attention.builder(heads, shared, size)
                .projection(new SeparateProjection(
                        Linear.of("self_attn.q_proj", width, heads * size, biased),
                        Linear.of("self_attn.k_proj", width, shared * size, biased),
                        Linear.of("self_attn.v_proj", width, shared * size, biased)))
                .output(Linear.of("self_attn.o_proj", heads * size, width, biased))
                .rotary(RotaryConfig.read(config, size))
                .build();
    }

    private static Block feedForward(ModelConfig config, int width) {
        int inner = config.integer("intermediate_size");
        boolean biased = config.flag("mlp_bias", false);
        return new GatedFeedForward(
                Linear.of("mlp.gate_proj", width, inner, biased),
                Linear.of("mlp.up_proj", width, inner, biased),
                Linear.of("mlp.down_proj", inner, width, biased),
                Activation.named(config.string("hidden_act", "silu")));
    }
}
