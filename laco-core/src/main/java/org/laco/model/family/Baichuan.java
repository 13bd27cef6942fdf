package org.laco.model.family;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import org.laco.model.block.Alibi;
import org.laco.model.block.Attention;
import org.laco.model.block.Block;
import org.laco.model.block.Decoder;
import org.laco.model.block.Embedding;
import org.laco.model.block.FusedProjection;
import org.laco.model.block.Layer;
import org.laco.model.block.Linear;
import org.laco.model.block.Residual;
import org.laco.model.block.RmsNorm;
import org.laco.model.config.ModelConfig;
import org.laco.model.config.Range;
import org.laco.tensor.TensorSource;

/**
 * Baichuan 1 and 2: as Llama, with queries, keys and values by one map. The 7B models have rotary positions, the 13B models linear
 * biases; Baichuan 2 scales the rows of its head to length 1.
 */
final class Baichuan implements Family {
    /** The vocabulary of Baichuan 2; Baichuan 1 has 64000 entries. */
    private static final int SECOND_VOCABULARY = 125696;

    /** What a key means that a configuration hasn't. */
    private static final ImmutableMap<String, Object> DEFAULTS = ImmutableMap.<String, Object>builder()
            .put("hidden_act", "silu")
            .put("rms_norm_eps", 1e-6)
            .put("tie_word_embeddings", false)
            .put("rope_theta", 10_000.0)
            .buildOrThrow();

    @Override
    public String name() {
        return "Baichuan";
    }

    @Override
    public ImmutableSet<String> modelTypes() {
        return ImmutableSet.of("baichuan");
    }

    @Override
    public String notes() {
        return "Baichuan 1 and 2, 7B (rotary) and 13B (linear biases); heads of unit rows in Baichuan 2";
    }

    @Override
    public ImmutableMap<String, Object> defaults() {
        return DEFAULTS;
    }

    @Override
    public Decoder define(ModelConfig config, TensorSource tensors) {
        Dimensions sizes = Dimensions.read(config);
        double epsilon = config.number("rms_norm_eps", Range.EPSILON);
        Layer layer = Layer.of(
                Residual.of(RmsNorm.of("input_layernorm", sizes.width(), epsilon), attention(config, sizes)),
                Residual.of(
                        RmsNorm.of("post_attention_layernorm", sizes.width(), epsilon), sizes.gated(config, false)));
        boolean unitRows = config.flag("norm_head", sizes.vocabulary() == SECOND_VOCABULARY);
        Heads heads = Heads.read(config, tensors);
        return Decoder.builder(sizes.width(), sizes.vocabulary())
                .embedding(Embedding.of(heads.embedding()))
                .layers("model.layers.", sizes.layers(), i -> layer)
                .norm(RmsNorm.of("model.norm", sizes.width(), epsilon))
                .head(unitRows ? heads.head().withUnitRows() : heads.head())
                .build();
    }

    private static Block attention(ModelConfig config, Dimensions sizes) {
        Attention.Builder attention = sizes.attention(
                FusedProjection.inOneGroup(
                        Linear.of("self_attn.W_pack", sizes.width(), sizes.queries() + 2 * sizes.keys(), false),
                        sizes.queries(),
                        sizes.keys()),
                Linear.of("self_attn.o_proj", sizes.queries(), sizes.width(), false));
        return (isAlibi(config)
                        ? attention.slopes(Alibi.slopes(sizes.heads()))
                        : attention.rotary(RotaryConfig.read(config, sizes.headSize())))
                .build();
    }

    /** The 13B models are known by what they lack: a longest position. */
    private static boolean isAlibi(ModelConfig config) {
        String positions =
                config.string("position_embedding", config.has("max_position_embeddings") ? "rope" : "alibi");
        checkArgument(
                ImmutableSet.of("rope", "rotary", "alibi").contains(positions),
                "config.json: position_embedding %s is not supported, expected rope or alibi",
                positions);
        return positions.equals("alibi");
    }
}
