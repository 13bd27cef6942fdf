package org.laco.model.family;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.Maps;
import java.util.function.IntPredicate;
import org.laco.model.block.Block;
import org.laco.model.block.Decoder;
import org.laco.model.block.IndexedAttention;
import org.laco.model.block.LayerNorm;
import org.laco.model.block.Linear;
import org.laco.model.block.SequenceLimit;
import org.laco.model.config.ModelConfig;
import org.laco.model.config.Range;
import org.laco.plan.CollapsePlan;
import org.laco.tensor.TensorSource;

/** DeepSeek-V3.2: DeepSeek-V3 with an indexer in each layer's attention, which chooses among more positions than {@code index_topk}. */
final class DeepSeek32 implements Family {
    /** What transformers takes for a key that a configuration hasn't: as for DeepSeek-V3, with longer sequences and an indexer. */
    private static final ImmutableMap<String, Object> DEFAULTS = ImmutableMap.<String, Object>builder()
            .putAll(Maps.filterKeys(DeepSeek3.DEFAULTS, key -> !key.equals("rope_interleave")))
            .put("max_position_embeddings", 163840)
            .put("index_topk", 2048)
            .put("index_head_dim", 128)
            .put("index_n_heads", 64)
            .buildKeepingLast();

    @Override
    public String name() {
        return "DeepSeek-V3.2";
    }

    @Override
    public ImmutableSet<String> modelTypes() {
        return ImmutableSet.of("deepseek_v32");
    }

    @Override
    public String notes() {
        return "V3.2 with its experimental and special versions, for sequences of at most index_topk tokens; layers with experts and dense layers are kept apart, draft layers are carried along";
    }

    @Override
    public ImmutableMap<String, Object> defaults() {
        return DEFAULTS;
    }

    @Override
    public Decoder define(ModelConfig config, TensorSource tensors) {
        return define(config, tensors, i -> true);
    }

    /** A model in some of whose layers an indexer is stored. */
    static Decoder define(ModelConfig config, TensorSource tensors, IntPredicate indexed) {
        Dimensions sizes = DeepSeekParts.sizes(config);
        Block attention = DeepSeekParts.attention(config, sizes);
        Block choosing = new IndexedAttention(attention, indexer(config, sizes));
        ImmutableList<String> types = feedForward(config);
        return DeepSeekParts.builder(
                        config,
                        tensors,
                        sizes,
                        i -> indexed.test(i) ? choosing : attention,
                        sizes.gated(config, false),
                        DeepSeekParts.correctedMixture(config, sizes),
                        i -> FeedForwardTypes.isDense(types.get(i)))
                .drafts(DeepSeekParts.drafts(config))
                .limit(new SequenceLimit(
                        config.integer("index_topk", Range.COUNT),
                        "its index_topk, beyond which an indexer would choose among them"))
                .build();
    }

    private static ImmutableList<Block> indexer(ModelConfig config, Dimensions sizes) {
        int heads = config.integer("index_n_heads", Range.COUNT);
        int size = config.integer("index_head_dim", Range.COUNT);
        int latent = config.integer("q_lora_rank", Range.SIZE);
        return ImmutableList.of(
                Linear.of("self_attn.indexer.wq_b", latent, heads * size, false),
                Linear.of("self_attn.indexer.wk", sizes.width(), size, false),
                LayerNorm.of("self_attn.indexer.k_norm", size, 1e-6),
                Linear.of("self_attn.indexer.weights_proj", sizes.width(), heads, false));
    }

    private static ImmutableList<String> feedForward(ModelConfig config) {
        return FeedForwardTypes.read(config, DeepSeekParts.dense(config));
    }

    @Override
    public ModelConfig collapse(ModelConfig config, CollapsePlan plan) {
        return collapseDense(config, LayerKeys.named("num_hidden_layers").collapse(config, plan), plan);
    }

    /** Writes which layers have no experts, as a list and as a number, of which transformers reads the list first. */
    static ModelConfig collapseDense(ModelConfig config, ModelConfig collapsed, CollapsePlan plan) {
        return FeedForwardTypes.keep(
                config,
                DeepSeekParts.keepDense(config, collapsed, plan, "first_k_dense_replace"),
                plan,
                DeepSeek32::feedForward);
    }
}
