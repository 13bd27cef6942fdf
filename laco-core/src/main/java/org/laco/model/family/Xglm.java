package org.laco.model.family;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import org.laco.model.block.Decoder;
import org.laco.model.block.Embedding;
import org.laco.model.block.FeedForward;
import org.laco.model.block.Layer;
import org.laco.model.block.LayerNorm;
import org.laco.model.block.Linear;
import org.laco.model.block.Residual;
import org.laco.model.block.Sinusoids;
import org.laco.model.config.ModelConfig;
import org.laco.model.config.Range;
import org.laco.tensor.TensorSource;

/** XGLM: OPT's layers with positions that are computed. */
final class Xglm implements Family {
    /** What transformers takes for a key that a configuration hasn't. */
    private static final ImmutableMap<String, Object> DEFAULTS = ImmutableMap.<String, Object>builder()
            .put("vocab_size", 256008)
            .put("hidden_size", 1024)
            .put("ffn_dim", 4096)
            .put("num_hidden_layers", 24)
            .put("num_attention_heads", 16)
            .put("max_position_embeddings", 2048)
            .put("activation_function", "gelu")
            .put("scale_embedding", true)
            .put("tie_word_embeddings", true)
            .put("pad_token_id", 1)
            .buildOrThrow();

    private static final double EPSILON = 1e-5;

    @Override
    public String name() {
        return "XGLM";
    }

    @Override
    public ImmutableSet<String> modelTypes() {
        return ImmutableSet.of("xglm");
    }

    @Override
    public String notes() {
        return "XGLM 564M to 7.5B, InCoder";
    }

    @Override
    public ImmutableMap<String, Object> defaults() {
        return DEFAULTS;
    }

    @Override
    public ImmutableMap<String, String> synonyms() {
        return ImmutableMap.of(
                "d_model", "hidden_size", "num_layers", "num_hidden_layers", "attention_heads", "num_attention_heads");
    }

    @Override
    public Decoder define(ModelConfig config, TensorSource tensors) {
        Dimensions sizes = Dimensions.read(config);
        int width = sizes.width();
        checkArgument(width % 2 == 0, "config.json: d_model %s is not even, as sines and cosines need it to be", width);
        // The position of the padding's number has a vector of zeros.
        checkArgument(
                !config.has("pad_token_id")
                        || config.integer("pad_token_id", Range.between(0, Integer.MAX_VALUE)) < Opt.POSITION_OFFSET,
                "config.json: pad_token_id %s is not supported for xglm, expected 0 or 1",
                config.values().get("pad_token_id"));
        int inner = config.integer("ffn_dim", Range.SIZE);
        Layer layer = Layer.of(
                Residual.of(
                        LayerNorm.of("self_attn_layer_norm", width, EPSILON),
                        sizes.attention(true, "out_proj", true).build()),
                Residual.of(
                        LayerNorm.of("final_layer_norm", width, EPSILON),
                        new FeedForward(
                                Linear.of("fc1", width, inner, true),
                                Linear.of("fc2", inner, width, true),
                                Dimensions.activation(config, "activation_function"))));
        Heads heads = Heads.read(config, tensors);
        return Decoder.builder(width, sizes.vocabulary())
                .embedding(Embedding.of(heads.embedding())
                        .scaled(config.flag("scale_embedding", true) ? Math.sqrt(width) : 1)
                        .withSinusoids(new Sinusoids(Math.max(1, width / 2 - 1)), Opt.POSITION_OFFSET))
                .layers("model.layers.", sizes.layers(), i -> layer)
                .norm(LayerNorm.of("model.layer_norm", width, EPSILON))
                .head(heads.head())
                .build();
    }
}
