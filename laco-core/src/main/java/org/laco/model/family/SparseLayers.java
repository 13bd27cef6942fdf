package org.laco.model.family;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import java.util.List;
import java.util.stream.IntStream;
import org.laco.model.block.Block;
import org.laco.model.block.Decoder;
import org.laco.model.block.Layer;
import org.laco.model.config.ModelConfig;
import org.laco.model.config.Range;
import org.laco.plan.CollapsePlan;

/** Which layers have experts, and which one feed-forward block: by Qwen's keys, or all but some at the bottom. */
final class SparseLayers {
    private static final String DENSE = "mlp_only_layers";
    private static final String STEP = "decoder_sparse_step";

    private SparseLayers() {}

    /** Which layers have one feed-forward block: those listed, and those between the steps at which experts stand. */
    static ImmutableList<Boolean> dense(ModelConfig config) {
        List<Integer> listed = listed(config);
        int step = config.integer(STEP, Range.COUNT);
        return IntStream.range(0, Dimensions.layers(config))
                .mapToObj(i -> listed.contains(i) || (i + 1) % step != 0)
                .collect(ImmutableList.toImmutableList());
    }

    private static ImmutableList<Integer> listed(ModelConfig config) {
        return config.has(DENSE) ? config.integers(DENSE) : ImmutableList.of();
    }

    /** Defines a model of Llama's names in which those layers have a feed-forward block and the others experts. */
    static Decoder decoder(ModelConfig config, LlamaParts parts, Block attention, Block single, Block experts) {
        ImmutableList<Boolean> dense = dense(config);
        return parts.decoder(i -> mark(parts.layer(attention, dense.get(i) ? single : experts), dense.get(i)));
    }

    /** The number of experts: released configurations say num_experts, transformers 5 writes num_local_experts. */
    static int experts(ModelConfig config) {
        return config.integer(config.has("num_experts") ? "num_experts" : "num_local_experts", Range.COUNT);
    }

    /**
     * The number of layers at the bottom without experts that a plan leaves.
     *
     * @param key the key of their number
     * @param dense how many there were
     */
    static int denseLeft(String key, int dense, CollapsePlan plan) {
        int left = (int) plan.layers().stream()
                .takeWhile(layer -> layer.base().index() < dense)
                .count();
        checkArgument(
                plan.layers().stream()
                        .skip(left)
                        .noneMatch(layer -> layer.base().index() < dense),
                "config.json: %s can't describe a layer without experts above one with experts",
                key);
        return left;
    }

    /** Marks a layer, so that layers with experts and without don't merge. */
    static Layer mark(Layer layer, boolean dense) {
        return layer.with("feed-forward", dense ? "dense" : "experts");
    }

    /** Keeps each planned layer what its base was. */
    static ModelConfig keep(ModelConfig config, ModelConfig collapsed, CollapsePlan plan) {
        ModelConfig renumbered =
                config.has(DENSE) ? collapsed.with(DENSE, LayerKeys.renumber(listed(config), plan)) : collapsed;
        ImmutableList<Boolean> wanted = LayerKeys.pick(dense(config), plan);
        return dense(renumbered).equals(wanted) ? renumbered : listAllDense(renumbered, wanted);
    }

    /** Where the step no longer says which layers are dense, the list can. */
    private static ModelConfig listAllDense(ModelConfig collapsed, ImmutableList<Boolean> dense) {
        ImmutableList<Integer> all =
                IntStream.range(0, dense.size()).filter(dense::get).boxed().collect(ImmutableList.toImmutableList());
        return collapsed.with(STEP, 1).with(DENSE, all);
    }
}
