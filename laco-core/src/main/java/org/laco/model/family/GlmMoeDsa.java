package org.laco.model.family;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.laco.model.block.Decoder;
import org.laco.model.config.ModelConfig;
import org.laco.model.config.Range;
import org.laco.plan.CollapsePlan;
import org.laco.tensor.TensorSource;

/** GLM-5: DeepSeek-V3.2 in which some layers attend to what the indexer of a layer below has chosen. */
final class GlmMoeDsa implements Family {
    /** What transformers takes for a key that a configuration hasn't. */
    private static final ImmutableMap<String, Object> DEFAULTS = ImmutableMap.<String, Object>builder()
            .put("vocab_size", 154880)
            .put("hidden_size", 6144)
            .put("intermediate_size", 12288)
            .put("moe_intermediate_size", 2048)
            .put("num_hidden_layers", 78)
            .put("num_attention_heads", 64)
            .put("num_key_value_heads", 64)
            .put("n_shared_experts", 1)
            .put("n_routed_experts", 256)
            .put("routed_scaling_factor", 2.5)
            .put("kv_lora_rank", 512)
            .put("q_lora_rank", 2048)
            .put("qk_rope_head_dim", 64)
            .put("v_head_dim", 256)
            .put("qk_nope_head_dim", 192)
            .put("n_group", 1)
            .put("topk_group", 1)
            .put("num_experts_per_tok", 8)
            .put("first_k_dense_replace", 3)
            .put("norm_topk_prob", true)
            .put("hidden_act", "silu")
            .put("max_position_embeddings", 202752)
            .put("rms_norm_eps", 1e-5)
            .put("tie_word_embeddings", false)
            .put("rope_theta", 10_000.0)
            .put("attention_bias", false)
            .put("index_topk", 2048)
            .put("index_head_dim", 128)
            .put("index_n_heads", 32)
            .buildOrThrow();

    private static final String KEY = "indexer_types";
    private static final String PATTERN = "index_topk_pattern";
    private static final String OWN = "full";
    private static final String SHARED = "shared";
    private static final ImmutableSet<String> KINDS = ImmutableSet.of(OWN, SHARED);
    private static final Range FEW = Range.between(0, 1 << 10);

    @Override
    public String name() {
        return "GLM MoE DSA";
    }

    @Override
    public ImmutableSet<String> modelTypes() {
        return ImmutableSet.of("glm_moe_dsa");
    }

    @Override
    public String notes() {
        return "GLM-5 and 5.1, for sequences of at most index_topk tokens; layers with experts and dense layers are kept apart, and those with an indexer of their own and those without; draft layers are carried along";
    }

    @Override
    public ImmutableMap<String, Object> defaults() {
        return DEFAULTS;
    }

    @Override
    public Decoder define(ModelConfig config, TensorSource tensors) {
        ImmutableList<String> indexers = indexers(config);
        Decoder decoder =
                DeepSeek32.define(config, tensors, i -> indexers.get(i).equals(OWN));
        return decoder.withLayers(IntStream.range(0, indexers.size())
                .mapToObj(i -> decoder.layers().get(i).with("indexer", indexers.get(i)))
                .collect(ImmutableList.toImmutableList()));
    }

    /** Whether each layer has an indexer of its own: by a list, by a pattern of letters, or every so many layers. */
    private static ImmutableList<String> indexers(ModelConfig config) {
        if (!config.has(KEY) && config.has(PATTERN)) {
            return LayerTypes.read(spelled(config), KEY, KINDS, i -> OWN);
        }
        int every = Math.max(1, config.integer("index_topk_freq", FEW, 1));
        int skipped = config.integer("index_skip_topk_offset", FEW, 2);
        return LayerTypes.read(config, KEY, KINDS, i -> Math.max(i - skipped + 1, 0) % every == 0 ? OWN : SHARED);
    }

    /** Writes a pattern as the list that it stands for. */
    private static ModelConfig spelled(ModelConfig config) {
        Object pattern = config.values().get(PATTERN);
        return config.with(
                KEY,
                pattern instanceof List<?> list
                        ? list
                        : config.string(PATTERN)
                                .chars()
                                .mapToObj(letter -> letter == 'F' ? OWN : letter == 'S' ? SHARED : (char) letter + "")
                                .collect(ImmutableList.toImmutableList()));
    }

    @Override
    public ModelConfig collapse(ModelConfig config, CollapsePlan plan) {
        ModelConfig counted = LayerKeys.named("num_hidden_layers").collapse(config, plan);
        ImmutableList<String> left = LayerKeys.pick(indexers(config), plan);
        checkArgument(
                left.get(0).equals(OWN),
                "config.json: %s: the lowest layer would have no indexer, and there is none below it to take the choice of",
                KEY);
        boolean same =
                !config.has(KEY) && !config.has(PATTERN) && indexers(counted).equals(left);
        ModelConfig collapsed = same ? counted : counted.with(KEY, left);
        if (config.has(PATTERN)) {
            collapsed = collapsed.with(
                    PATTERN,
                    config.values().get(PATTERN) instanceof List<?>
                            ? left
                            : left.stream()
                                    .map(kind -> kind.equals(OWN) ? "F" : "S")
                                    .collect(Collectors.joining()));
        }
        return DeepSeek32.collapseDense(config, collapsed, plan);
    }
}
