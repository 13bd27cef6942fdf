package org.laco.model.family;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import java.util.Collections;
import java.util.Optional;
import org.laco.kernel.StateSpaceSpec;
import org.laco.model.block.Block;
import org.laco.model.block.ColumnFactors;
import org.laco.model.block.Decoder;
import org.laco.model.block.Embedding;
import org.laco.model.block.GatedFeedForward;
import org.laco.model.block.Layer;
import org.laco.model.block.Linear;
import org.laco.model.block.Parallel;
import org.laco.model.block.Residual;
import org.laco.model.block.Sequence;
import org.laco.model.config.ModelConfig;
import org.laco.model.config.Range;
import org.laco.tensor.TensorSource;

/** Falcon H1: Mamba 2 and attention side by side in every layer, with multipliers of what goes into each and comes out of it. */
final class FalconH1 implements Family {
    /** What transformers takes for a key that a configuration hasn't. */
    private static final ImmutableMap<String, Object> DEFAULTS = ImmutableMap.<String, Object>builder()
            .put("vocab_size", 128000)
            .put("hidden_size", 4096)
            .put("intermediate_size", 14336)
            .put("num_hidden_layers", 32)
            .put("num_attention_heads", 32)
            .put("num_key_value_heads", 8)
            .put("hidden_act", "silu")
            .put("max_position_embeddings", 8192)
            .put("rms_norm_eps", 1e-5)
            .put("tie_word_embeddings", false)
            .put("rope_theta", 10_000.0)
            .put("attention_bias", false)
            .put("mlp_bias", false)
            .put("projectors_bias", false)
            .put("mamba_d_ssm", 1024)
            .put("mamba_n_heads", 128)
            .put("mamba_n_groups", 1)
            .put("mamba_d_state", 256)
            .put("mamba_d_conv", 4)
            .put("mamba_expand", 2)
            .put("mamba_conv_bias", true)
            .put("mamba_proj_bias", false)
            .put("mamba_norm_before_gate", true)
            .put("mamba_rms_norm", false)
            .put("time_step_limit", Mamba2Config.NO_LIMITS)
            .put("lm_head_multiplier", 1.0)
            .put("embedding_multiplier", 1.0)
            .put("key_multiplier", 1.0)
            .put("attention_out_multiplier", 1.0)
            .put("attention_in_multiplier", 1.0)
            .put("ssm_in_multiplier", 1.0)
            .put("ssm_out_multiplier", 1.0)
            .buildOrThrow();

    @Override
    public String name() {
        return "Falcon H1";
    }

    @Override
    public ImmutableSet<String> modelTypes() {
        return ImmutableSet.of("falcon_h1");
    }

    @Override
    public String notes() {
        return "Falcon H1 and Falcon H1R";
    }

    @Override
    public ImmutableMap<String, Object> defaults() {
        return DEFAULTS;
    }

    @Override
    public Decoder define(ModelConfig config, TensorSource tensors) {
        LlamaParts parts = LlamaParts.read(config, tensors);
        Dimensions sizes = parts.sizes();
        Heads heads = parts.heads();
        ImmutableList<Double> feedForward = multipliers(config, "mlp_multipliers", 2);
        Layer layer = Layer.of(
                Residual.of(
                        parts.norm("input_layernorm"),
                        Parallel.of(mamba(config, sizes.width()), attention(config, sizes))),
                Residual.of(parts.norm("pre_ff_layernorm"), feedForward(config, sizes.width(), feedForward.get(0)))
                        .scaled(feedForward.get(1)));
        return parts.builder(i -> layer)
                .embedding(Embedding.of(heads.embedding()).scaled(multiplier(config, "embedding_multiplier")))
                .norm(parts.norm("model.final_layernorm"))
                .head(heads.head().scaled(multiplier(config, "lm_head_multiplier")))
                .build();
    }

    private static double multiplier(ModelConfig config, String key) {
        return config.number(key, Range.MULTIPLIER);
    }

    /** Reads a list of multipliers, 1 each where the configuration has none. */
    private static ImmutableList<Double> multipliers(ModelConfig config, String key, int count) {
        ImmutableList<Double> read = config.has(key)
                ? config.numbers(key, Range.MULTIPLIER)
                : ImmutableList.copyOf(Collections.nCopies(count, 1.0));
        checkArgument(read.size() == count, "config.json: %s has %s entries, expected %s", key, read.size(), count);
        return read;
    }

    /** A mixer of which the gate, inputs, writes, reads and time steps have a multiplier each. */
    private static Block mamba(ModelConfig config, int width) {
        Mamba2Config mamba = Mamba2Config.expanded(config, width, "mamba_d_ssm");
        StateSpaceSpec spec = mamba.spec();
        int shared = spec.groups() * spec.stateSize();
        Block input = Sequence.of(
                ColumnFactors.of(width, multiplier(config, "ssm_in_multiplier")),
                mamba.input(),
                new ColumnFactors(
                        ImmutableList.of(spec.width(), spec.width(), shared, shared, spec.heads()),
                        multipliers(config, "ssm_multipliers", 5)));
        boolean normed = config.flag("mamba_rms_norm", false);
        return Sequence.of(
                mamba.block(
                        input,
                        normed ? Optional.of(mamba.norm()) : Optional.empty(),
                        config.flag("mamba_norm_before_gate", true),
                        config.flag("projectors_bias", false)),
                ColumnFactors.of(width, multiplier(config, "ssm_out_multiplier")));
    }

    /** Attention whose keys have a multiplier, which is one of the scores too. */
    private static Block attention(ModelConfig config, Dimensions sizes) {
        boolean biased = config.flag("attention_bias", false);
        return Sequence.of(
                ColumnFactors.of(sizes.width(), multiplier(config, "attention_in_multiplier")),
                sizes.attention(biased, "o_proj", biased)
                        .rotary(RotaryConfig.read(config, sizes.headSize()))
                        .scale(multiplier(config, "key_multiplier") / Math.sqrt(sizes.headSize()))
                        .build(),
                ColumnFactors.of(sizes.width(), multiplier(config, "attention_out_multiplier")));
    }

    private static Block feedForward(ModelConfig config, int width, double gate) {
        int inner = config.integer("intermediate_size", Range.SIZE);
        boolean biased = config.flag("mlp_bias", false);
        return new GatedFeedForward(
                Linear.of("feed_forward.gate_proj", width, inner, biased),
                Linear.of("feed_forward.up_proj", width, inner, biased),
                Linear.of("feed_forward.down_proj", inner, width, biased),
                Dimensions.activation(config, "hidden_act"),
                gate);
    }
}
