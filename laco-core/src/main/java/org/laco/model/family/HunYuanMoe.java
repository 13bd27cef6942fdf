package org.laco.model.family;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import java.util.Collections;
import java.util.List;
import org.laco.kernel.Activation;
import org.laco.model.block.Block;
import org.laco.model.block.Decoder;
import org.laco.model.block.Parallel;
import org.laco.model.block.TopExperts;
import org.laco.model.config.ModelConfig;
import org.laco.model.config.Range;
import org.laco.plan.CollapsePlan;
import org.laco.tensor.TensorSource;

/** Hunyuan with experts: as the dense models, with a shared expert as wide as the others. */
final class HunYuanMoe implements Family {
    private static final String CHOSEN = "moe_topk";

    /** What transformers takes for a key that a configuration hasn't. */
    private static final ImmutableMap<String, Object> DEFAULTS = ImmutableMap.<String, Object>builder()
            .put("vocab_size", 290943)
            .put("hidden_size", 4096)
            .put("intermediate_size", 11008)
            .put("num_hidden_layers", 32)
            .put("num_attention_heads", 32)
            .put("hidden_act", "silu")
            .put("max_position_embeddings", 2048)
            .put("rms_norm_eps", 1e-5)
            .put("tie_word_embeddings", false)
            .put("rope_theta", 10_000.0)
            .put("attention_bias", false)
            .put("num_experts", 1)
            .put("moe_topk", 1)
            .buildOrThrow();

    @Override
    public String name() {
        return "Hunyuan MoE";
    }

    @Override
    public ImmutableSet<String> modelTypes() {
        return ImmutableSet.of("hunyuan_v1_moe");
    }

    @Override
    public String notes() {
        return "Hunyuan-A13B; experts and routers merge one by one";
    }

    @Override
    public ImmutableMap<String, Object> defaults() {
        return DEFAULTS;
    }

    /** Lists of one entry a layer, where they are lists. */
    private static final ImmutableList<String> LISTS =
            ImmutableList.of(CHOSEN, "moe_intermediate_size", "num_shared_expert");

    @Override
    public ImmutableMap<String, String> synonyms() {
        return ImmutableMap.of("num_experts_per_tok", CHOSEN, "num_local_experts", "num_experts");
    }

    @Override
    public Decoder define(ModelConfig config, TensorSource tensors) {
        LlamaParts parts = LlamaParts.read(config, tensors);
        Block attention = HunYuanDense.attention(config, parts);
        ImmutableList<Integer> chosen = chosen(config);
        return parts.decoder(i -> parts.layer(attention, experts(config, parts.sizes(), chosen.get(i)))
                .with("experts per token", String.valueOf(chosen.get(i))));
    }

    private static Block experts(ModelConfig config, Dimensions sizes, int chosen) {
        int inner = config.integer("intermediate_size", Range.SIZE);
        Activation activation = Dimensions.activation(config, "hidden_act");
        return Parallel.of(
                sizes.experts(
                        "mlp.gate.wg",
                        config.integer("num_experts", Range.COUNT),
                        TopExperts.softmax(chosen).renormalised(true),
                        inner,
                        activation),
                sizes.gated("mlp.shared_mlp.", inner, false, activation));
    }

    /** How many experts a row goes through in each layer, by one number or a list. */
    private static ImmutableList<Integer> chosen(ModelConfig config) {
        int layers = Dimensions.layers(config);
        Range range = Range.between(1, config.integer("num_experts", Range.COUNT));
        if (!(config.values().get(CHOSEN) instanceof List)) {
            return ImmutableList.copyOf(Collections.nCopies(layers, config.integer(CHOSEN, range)));
        }
        ImmutableList<Integer> listed = config.integers(CHOSEN);
        checkArgument(
                listed.size() == layers && listed.stream().allMatch(range::contains),
                "config.json: %s is %s, expected an integer %s for each of the %s layers",
                CHOSEN,
                listed,
                range,
                layers);
        return listed;
    }

    @Override
    public ModelConfig collapse(ModelConfig config, CollapsePlan plan) {
        ModelConfig collapsed = LayerKeys.named("num_hidden_layers").collapse(config, plan);
        for (String key : LISTS) {
            if (config.values().get(key) instanceof List<?> list && list.size() == plan.originalSize()) {
                collapsed = collapsed.with(key, LayerKeys.pick(list, plan));
            }
        }
        return collapsed;
    }
}
