package org.laco.model.family;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import org.laco.model.block.Block;
import org.laco.model.block.Decoder;
import org.laco.model.block.Embedding;
import org.laco.model.block.Layer;
import org.laco.model.block.Residual;
import org.laco.model.block.RmsNorm;
import org.laco.model.config.ModelConfig;
import org.laco.plan.CollapsePlan;
import org.laco.tensor.TensorSource;

/** Qwen 3, dense: as Llama with norms of each head's queries and keys; upper layers may attend to a window. */
final class Qwen3 implements Family {
    @Override
    public String name() {
        return "Qwen 3";
    }

    @Override
    public ImmutableSet<String> modelTypes() {
        return ImmutableSet.of("qwen3");
    }

    @Override
    public String notes() {
        return "the dense models; sliding and full layers are kept apart";
    }

    @Override
    public Decoder define(ModelConfig config, TensorSource tensors) {
        Dimensions sizes = Dimensions.read(config);
        double epsilon = config.number("rms_norm_eps", 1e-6);
        ImmutableList<String> types = QwenWindow.types(config);
        return Decoder.builder(sizes.width(), sizes.vocabulary())
                .embedding(Embedding.of(Heads.EMBEDDING))
                .layers("model.layers.", sizes.layers(), i -> layer(config, sizes, epsilon, types.get(i)))
                .norm(RmsNorm.of("model.norm", sizes.width(), epsilon))
                .head(Heads.read(config, false))
                .build();
    }

    private static Layer layer(ModelConfig config, Dimensions sizes, double epsilon, String type) {
        Layer layer = Layer.of(
                Residual.of(
                        RmsNorm.of("input_layernorm", sizes.width(), epsilon), attention(config, sizes, epsilon, type)),
                Residual.of(
                        RmsNorm.of("post_attention_layernorm", sizes.width(), epsilon), sizes.gated(config, false)));
        return LayerTypes.mark(layer, type);
    }

    /** Attention whose queries and keys are normalised head by head. */
    static Block attention(ModelConfig config, Dimensions sizes, double epsilon, String type) {
        boolean biased = config.flag("attention_bias", false);
        return LayerTypes.window(sizes.attention(biased, "o_proj", biased), type, config)
                .queryKeyNorms(
                        RmsNorm.of("self_attn.q_norm", sizes.headSize(), epsilon),
                        RmsNorm.of("self_attn.k_norm", sizes.headSize(), epsilon))
                .rotary(RotaryConfig.read(config, sizes.headSize()))
                .build();
    }

    @Override
    public ModelConfig collapse(ModelConfig config, CollapsePlan plan) {
        return QwenWindow.collapse(config, plan);
    }
}
