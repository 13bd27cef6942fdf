package org.laco.model.family;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import java.util.function.IntFunction;
import org.laco.kernel.Activation;
import org.laco.model.block.Block;
import org.laco.model.block.CausalConvolution;
import org.laco.model.block.Decoder;
import org.laco.model.block.Embedding;
import org.laco.model.block.Layer;
import org.laco.model.block.Linear;
import org.laco.model.block.Residual;
import org.laco.model.block.RmsNorm;
import org.laco.model.block.ShortConvolution;
import org.laco.model.config.ModelConfig;
import org.laco.model.config.Range;
import org.laco.plan.CollapsePlan;
import org.laco.tensor.TensorSource;

/** LFM 2, dense: gated short convolutions, and attention with norms of queries and keys in some layers. */
final class Lfm2 implements Family {
    private static final String ATTENTION = "full_attn_idxs";

    /** What transformers takes for a key that a configuration hasn't. */
    private static final ImmutableMap<String, Object> DEFAULTS = ImmutableMap.<String, Object>builder()
            .put("vocab_size", 65536)
            .put("hidden_size", 2560)
            .put("intermediate_size", 12288)
            .put("num_hidden_layers", 32)
            .put("num_attention_heads", 32)
            .put("num_key_value_heads", 8)
            .put("max_position_embeddings", 128_000)
            .put("norm_eps", 1e-5)
            .put("tie_word_embeddings", true)
            .put("rope_theta", 1_000_000.0)
            .put("conv_bias", false)
            .put("conv_L_cache", 3)
            .put("block_multiple_of", 256)
            .put("block_ffn_dim_multiplier", 1.0)
            .put("block_auto_adjust_ff_dim", true)
            .buildOrThrow();

    @Override
    public String name() {
        return "LFM 2";
    }

    @Override
    public ImmutableSet<String> modelTypes() {
        return ImmutableSet.of("lfm2");
    }

    @Override
    public String notes() {
        return "the dense models of LFM 2 and 2.5; layers of convolution and of attention are kept apart";
    }

    @Override
    public ImmutableMap<String, Object> defaults() {
        return DEFAULTS;
    }

    @Override
    public Decoder define(ModelConfig config, TensorSource tensors) {
        ImmutableList<String> types = types(config);
        Block feedForward = Mixtral.expert(
                "feed_forward.", config.integer("hidden_size", Range.SIZE), inner(config), Activation.SILU);
        return decoder(config, tensors, types, i -> feedForward).build();
    }

    /** Starts a definition of layers of these types, with a feed-forward block each. */
    static Decoder.Builder decoder(
            ModelConfig config, TensorSource tensors, ImmutableList<String> types, IntFunction<Block> feedForward) {
        Dimensions sizes = Dimensions.read(config);
        double epsilon = config.number("norm_eps", Range.EPSILON);
        Block attention = attention(config, sizes, epsilon);
        Block convolution = convolution(config, sizes.width());
        // The released files have this name of the flag.
        boolean tied = config.flag("tie_embedding", config.flag("tie_word_embeddings", true));
        Heads heads = Heads.read(config.with("tie_word_embeddings", tied), tensors);
        return Decoder.builder(sizes.width(), sizes.vocabulary())
                .embedding(Embedding.of(heads.embedding()))
                .layers("model.layers.", sizes.layers(), i -> {
                    Block mixer = types.get(i).equals(LayerTypes.FULL) ? attention : convolution;
                    Layer layer = Layer.of(
                            Residual.of(RmsNorm.of("operator_norm", sizes.width(), epsilon), mixer),
                            Residual.of(RmsNorm.of("ffn_norm", sizes.width(), epsilon), feedForward.apply(i)));
                    return LayerTypes.markMixer(layer, types.get(i));
                })
                .norm(RmsNorm.of("model.embedding_norm", sizes.width(), epsilon))
                .head(heads.head());
    }

    private static Block attention(ModelConfig config, Dimensions sizes, double epsilon) {
        return sizes.attention(false, "out_proj", false)
                .queryKeyNorms(
                        RmsNorm.of("self_attn.q_layernorm", sizes.headSize(), epsilon),
                        RmsNorm.of("self_attn.k_layernorm", sizes.headSize(), epsilon))
                .rotary(RotaryConfig.read(config, sizes.headSize()))
                .build();
    }

    private static Block convolution(ModelConfig config, int width) {
        boolean biased = config.flag("conv_bias", false);
        return new ShortConvolution(
                Linear.of("conv.in_proj", width, 3 * width, biased),
                new CausalConvolution("conv.conv", width, config.integer("conv_L_cache", Range.COUNT), biased),
                Linear.of("conv.out_proj", width, width, biased));
    }

    /** The width of the feed-forward block, which the configuration has half as wide again and not rounded. */
    private static int inner(ModelConfig config) {
        int stated = config.integer("block_ff_dim", Range.SIZE, config.integer("intermediate_size", Range.SIZE));
        if (!config.flag("block_auto_adjust_ff_dim", true)) {
            return stated;
        }
        int reduced = (int) (2.0 * stated / 3);
        double scaled = Math.floor(config.number("block_ffn_dim_multiplier", Range.MULTIPLIER) * reduced);
        int multiple = config.integer("block_multiple_of", Range.SIZE);
        double rounded = Math.ceil(scaled / multiple) * multiple;
        checkArgument(
                Range.SIZE.contains(rounded),
                "config.json: block_ffn_dim_multiplier and block_multiple_of make a feed-forward block of %s elements,"
                        + " expected a number %s",
                rounded,
                Range.SIZE);
        return (int) rounded;
    }

    /** The type of each layer; where there is no list of types, one of the layers with attention, which are all if that is missing too. */
    private static ImmutableList<String> types(ModelConfig config) {
        ImmutableList<Integer> listed = config.has(ATTENTION) ? config.integers(ATTENTION) : ImmutableList.of();
        boolean all = !config.has(ATTENTION);
        return LayerTypes.read(
                config,
                ImmutableSet.of(LayerTypes.CONVOLUTION, LayerTypes.FULL),
                i -> all || listed.contains(i) ? LayerTypes.FULL : LayerTypes.CONVOLUTION);
    }

    @Override
    public ModelConfig collapse(ModelConfig config, CollapsePlan plan) {
        ModelConfig collapsed = LayerKeys.named("num_hidden_layers").collapse(config, plan);
        return config.has(ATTENTION)
                ? collapsed.with(ATTENTION, LayerKeys.renumber(config.integers(ATTENTION), plan))
                : collapsed;
    }
}
