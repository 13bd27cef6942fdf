package org.laco.model.family;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import org.laco.kernel.Activation;
import org.laco.kernel.DeltaRuleSpec;
import org.laco.model.block.Block;
import org.laco.model.block.CausalConvolution;
import org.laco.model.block.Decoder;
import org.laco.model.block.DeltaProjection;
import org.laco.model.block.Embedding;
import org.laco.model.block.Experts;
import org.laco.model.block.Gate;
import org.laco.model.block.GatedDeltaNet;
import org.laco.model.block.GatedProjection;
import org.laco.model.block.Layer;
import org.laco.model.block.Linear;
import org.laco.model.block.Parallel;
import org.laco.model.block.Residual;
import org.laco.model.block.RmsNorm;
import org.laco.model.block.SeparateExperts;
import org.laco.model.block.SharedExpert;
import org.laco.model.block.StackLayout;
import org.laco.model.block.StackedExperts;
import org.laco.model.block.TopExperts;
import org.laco.model.config.ModelConfig;
import org.laco.model.config.Range;
import org.laco.plan.CollapsePlan;
import org.laco.tensor.TensorSource;

/**
 * What Qwen 3 Next and Qwen 3.5 share: most layers are gated delta nets, the others have attention with a gate, part of whose heads is
 * rotated; the weights of norms are stored less 1.
 *
 * @param config the configuration
 * @param sizes the sizes of the attention layers
 * @param delta the sizes of the other layers
 * @param epsilon ε of all norms
 */
record QwenHybrid(ModelConfig config, Dimensions sizes, DeltaRuleSpec delta, double epsilon) {
    private static final String MIXER = "linear_attn";
    private static final String STACK = "mlp.experts.gate_up_proj";

    static QwenHybrid read(ModelConfig config) {
        int keyHeads = config.integer("linear_num_key_heads", Range.COUNT);
        int valueHeads = config.integer("linear_num_value_heads", Range.COUNT);
        checkArgument(
                valueHeads % keyHeads == 0,
                "config.json: linear_num_value_heads %s is not a multiple of linear_num_key_heads %s",
                valueHeads,
                keyHeads);
        return new QwenHybrid(
                config,
                Dimensions.read(config),
                new DeltaRuleSpec(
                        keyHeads,
                        valueHeads,
                        config.integer("linear_key_head_dim", Range.COUNT),
                        config.integer("linear_value_head_dim", Range.COUNT)),
                config.number("rms_norm_eps", Range.EPSILON));
    }

    /** The type of each layer: every fourth has full attention where the configuration doesn't say otherwise. */
    static ImmutableList<String> types(ModelConfig config) {
        int interval = config.integer("full_attention_interval", Range.COUNT);
        return LayerTypes.read(
                config,
                ImmutableSet.of(LayerTypes.LINEAR, LayerTypes.FULL),
                i -> (i + 1) % interval == 0 ? LayerTypes.FULL : LayerTypes.LINEAR);
    }

    static ModelConfig collapse(ModelConfig config, CollapsePlan plan) {
        ModelConfig collapsed = LayerKeys.named("num_hidden_layers").collapse(config, plan);
        return LayerTypes.keep(config, collapsed, plan, QwenHybrid::types);
    }

    private RmsNorm norm(String name, int width) {
        return new RmsNorm(name, width, epsilon, 1);
    }

    /** A map of the gated delta net from hidden states. */
    Linear input(String name, int width) {
        return Linear.of(MIXER + "." + name, sizes.width(), width, false);
    }

    Block deltaNet(DeltaProjection projection) {
        return new GatedDeltaNet(
                projection,
                new CausalConvolution(
                        MIXER + ".conv1d",
                        delta.mixedWidth(),
                        config.integer("linear_conv_kernel_dim", Range.COUNT),
                        false),
                Dimensions.activation(config, "hidden_act"),
                MIXER,
                delta,
                RmsNorm.of(MIXER + ".norm", delta.valueSize(), epsilon),
                Linear.of(MIXER + ".out_proj", delta.valueWidth(), sizes.width(), false));
    }

    Block attention() {
        boolean biased = config.flag("attention_bias", false);
        return sizes.attention(
                        new GatedProjection(
                                Linear.of("self_attn.q_proj", sizes.width(), 2 * sizes.queries(), biased),
                                Linear.of("self_attn.k_proj", sizes.width(), sizes.keys(), biased),
                                Linear.of("self_attn.v_proj", sizes.width(), sizes.keys(), biased),
                                sizes.headSize()),
                        Linear.of("self_attn.o_proj", sizes.queries(), sizes.width(), biased))
                .queryKeyNorms(norm("self_attn.q_norm", sizes.headSize()), norm("self_attn.k_norm", sizes.headSize()))
                .rotary(RotaryConfig.of(config, "rope_theta")
                        .partial("partial_rotary_factor")
                        .rotary(sizes.headSize()))
                .build();
    }

    Layer layer(String type, DeltaProjection projection, Block feedForward) {
        Block mixer = type.equals(LayerTypes.FULL) ? attention() : deltaNet(projection);
        Layer layer = Layer.of(
                Residual.of(norm("input_layernorm", sizes.width()), mixer),
                Residual.of(norm("post_attention_layernorm", sizes.width()), feedForward));
        return LayerTypes.markMixer(layer, type);
    }

    /** Experts, stored each by itself or in stacks, beside one that every token goes through by a share of its own. */
    Block experts(TensorSource tensors, boolean renormalised) {
        int count = config.integer("num_experts", Range.COUNT);
        int inner = config.integer("moe_intermediate_size", Range.SIZE);
        Activation activation = Dimensions.activation(config, "hidden_act");
        boolean stacked = tensors.names().stream().anyMatch(name -> name.endsWith("." + STACK));
        Block shared = sizes.gated(
                "mlp.shared_expert.", config.integer("shared_expert_intermediate_size", Range.SIZE), false, activation);
        return Parallel.of(
                Experts.of(
                        Linear.of("mlp.gate", sizes.width(), count, false),
                        TopExperts.softmax(config.integer("num_experts_per_tok", Range.between(1, count)))
                                .renormalised(renormalised),
                        stacked
                                ? StackedExperts.of(
                                        STACK,
                                        "mlp.experts.down_proj",
                                        count,
                                        sizes.width(),
                                        inner,
                                        StackLayout.ROWS,
                                        Gate.of(activation))
                                : SeparateExperts.of(
                                        count, i -> sizes.gated("mlp.experts." + i + ".", inner, false, activation))),
                new SharedExpert(Linear.of("mlp.shared_expert_gate", sizes.width(), 1, false), shared));
    }

    /** The decoder around the layers of some types. */
    Decoder.Builder decoder(TensorSource tensors) {
        Heads heads = Heads.read(config, tensors);
        return Decoder.builder(sizes.width(), sizes.vocabulary())
                .embedding(Embedding.of(heads.embedding()))
                .norm(norm("model.norm", sizes.width()))
                .head(heads.head());
    }
}
