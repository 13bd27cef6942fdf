package org.laco.model.family;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import org.laco.model.block.Decoder;
import org.laco.model.block.Embedding;
import org.laco.model.block.FeedForward;
import org.laco.model.block.Layer;
import org.laco.model.block.LayerNorm;
import org.laco.model.block.Linear;
import org.laco.model.block.Residual;
import org.laco.model.config.ModelConfig;
import org.laco.model.config.Range;
import org.laco.tensor.TensorSource;

/** BioGPT: as OPT with embeddings that are scaled, and names of its own. */
final class BioGpt implements Family {
    /** What transformers takes for a key that a configuration hasn't. */
    private static final ImmutableMap<String, Object> DEFAULTS = ImmutableMap.<String, Object>builder()
            .put("vocab_size", 42384)
            .put("hidden_size", 1024)
            .put("intermediate_size", 4096)
            .put("num_hidden_layers", 24)
            .put("num_attention_heads", 16)
            .put("hidden_act", "gelu")
            .put("max_position_embeddings", 1024)
            .put("scale_embedding", true)
            .put("tie_word_embeddings", true)
            .buildOrThrow();

    @Override
    public String name() {
        return "BioGPT";
    }

    @Override
    public ImmutableSet<String> modelTypes() {
        return ImmutableSet.of("biogpt");
    }

    @Override
    public String notes() {
        return "BioGPT and BioGPT-Large";
    }

    @Override
    public ImmutableMap<String, Object> defaults() {
        return DEFAULTS;
    }

    @Override
    public String prefix() {
        return "biogpt.";
    }

    @Override
    public Decoder define(ModelConfig config, TensorSource tensors) {
        Dimensions sizes = Dimensions.read(config);
        int width = sizes.width();
        int inner = config.integer("intermediate_size", Range.SIZE);
        Layer layer = Layer.of(
                Residual.of(
                        norm("self_attn_layer_norm", width),
                        sizes.attention(true, "out_proj", true).build()),
                Residual.of(
                        norm("final_layer_norm", width),
                        new FeedForward(
                                Linear.of("fc1", width, inner, true),
                                Linear.of("fc2", inner, width, true),
                                Dimensions.activation(config, "hidden_act"))));
        Heads heads = Heads.read(config, tensors, prefix() + "embed_tokens.weight", "output_projection.weight");
        return Decoder.builder(width, sizes.vocabulary())
                .embedding(Embedding.of(heads.embedding())
                        .scaled(config.flag("scale_embedding", true) ? Math.sqrt(width) : 1)
                        .withPositions(prefix() + "embed_positions.weight", Opt.POSITION_OFFSET))
                .layers(prefix() + "layers.", sizes.layers(), i -> layer)
                .norm(norm(prefix() + "layer_norm", width))
                .head(heads.head())
                .build();
    }

    /** Its ε is PyTorch's own, whatever {@code layer_norm_eps} says. */
    private static LayerNorm norm(String name, int width) {
        return LayerNorm.of(name, width, 1e-5);
    }
}
