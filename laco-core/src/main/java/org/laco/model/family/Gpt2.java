package org.laco.model.family;

import static com.google.common.base.Preconditions.checkArgument;

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
import org.laco.model.block.Residual;
import org.laco.model.config.ModelConfig;
import org.laco.plan.CollapsePlan;
import org.laco.tensor.TensorSource;

/** GPT-2: layer norms, learned positions, weights stored input first. */
final class Gpt2 implements Family {
    @Override
    public String name() {
        return "GPT-2";
    }

    @Override
    public ImmutableSet<String> modelTypes() {
        return ImmutableSet.of("gpt2");
    }

    @Override
    public String notes() {
        return "GPT-2, DistilGPT-2, CodeParrot, with or without the prefix transformer. of its tensors";
    }

    @Override
    public Decoder define(ModelConfig config, TensorSource tensors) {
        refuse(config, "scale_attn_by_inverse_layer_idx");
        refuse(config, "add_cross_attention");
        int width = config.integer("n_embd");
        double epsilon = config.number("layer_norm_epsilon", 1e-5);
        String prefix = tensors.contains("wte.weight") ? "" : "transformer.";
        Layer layer = Layer.of(
                Residual.of(LayerNorm.of("ln_1", width, epsilon), attention(config, width)),
                Residual.of(LayerNorm.of("ln_2", width, epsilon), feedForward(config, width)));
        return Decoder.builder(width, config.integer("vocab_size"))
                .embedding(Embedding.of(prefix + "wte.weight").withPositions(prefix + "wpe.weight", 0))
                .layers(prefix + "h.", config.integer("n_layer"), i -> layer)
                .norm(LayerNorm.of(prefix + "ln_f", width, epsilon))
                .head(Heads.read(config, true, prefix + "wte.weight", Heads.HEAD))
                .build();
    }

    private static Block attention(ModelConfig config, int width) {
        int heads = config.integer("n_head");
        Attention.Builder attention = Attention.builder(heads, heads, width / heads)
                .projection(FusedProjection.inOneGroup(inputFirst("attn.c_attn", width, 3 * width), width, width))
                .output(inputFirst("attn.c_proj", width, width));
        return (config.flag("scale_attn_weights", true) ? attention : attention.scale(1)).build();
    }

    private static Block feedForward(ModelConfig config, int width) {
        int inner = config.integer("n_inner", 4 * width);
        return new FeedForward(
                inputFirst("mlp.c_fc", width, inner),
                inputFirst("mlp.c_proj", inner, width),
                Activation.named(config.string("activation_function", "gelu_new")));
    }

    private static Linear inputFirst(String name, int in, int out) {
        return new Linear(name, in, out, true, true);
    }

    private static void refuse(ModelConfig config, String key) {
        checkArgument(!config.flag(key, false), "config.json: %s true is not supported for gpt2, expected false", key);
    }

    @Override
    public ModelConfig collapse(ModelConfig config, CollapsePlan plan) {
        return LayerKeys.named("n_layer").collapse(config, plan);
    }
}
