package org.laco.model.family;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.laco.merge.MergeRules;
import org.laco.model.config.ModelConfig;
import org.laco.plan.CollapsePlan;
import org.laco.plan.SourceLayer;

/** What collapses do to the keys of a configuration that depend on the number of layers. */
class ConfigCollapseTest {
    private static final String FULL = "full_attention";
    private static final String SLIDING = "sliding_attention";

    @Test
    void aPlanThatChangesNothingChangesNoKey() {
        ModelConfig config = config(Map.of("num_hidden_layers", 12, "sliding_window_pattern", 6));
        assertThat(new Gemma3().collapse(config, CollapsePlan.identity(12)).values())
                .isEqualTo(config.values());
    }

    @Test
    void aPatternThatStillHoldsIsNotWrittenOut() {
        ModelConfig config = config(Map.of("num_hidden_layers", 8, "sliding_window_pattern", 6));
        CollapsePlan plan = CollapsePlan.identity(8).merge(6, 1, MergeRules.telescoped());
        assertThat(new Gemma3().collapse(config, plan).values())
                .isEqualTo(Map.of("num_hidden_layers", 7, "sliding_window_pattern", 6));
    }

    @Test
    void aPatternThatNoLongerHoldsIsWrittenOut() {
        ModelConfig config = config(Map.of("num_hidden_layers", 7, "sliding_window_pattern", 6));
        CollapsePlan plan = CollapsePlan.identity(7).merge(2, 2, MergeRules.telescoped());
        assertThat(new Gemma3().collapse(config, plan).values().get("layer_types"))
                .isEqualTo(ImmutableList.of(SLIDING, SLIDING, SLIDING, FULL, SLIDING));
    }

    @Test
    void droppedLayersOfGemma2LeaveAListOfTypes() {
        ModelConfig config = config(Map.of("num_hidden_layers", 4));
        CollapsePlan plan = CollapsePlan.of(4, List.of(SourceLayer.of(0), SourceLayer.of(2), SourceLayer.of(3)));
        assertThat(new Gemma2().collapse(config, plan).values())
                .isEqualTo(Map.of("num_hidden_layers", 3, "layer_types", ImmutableList.of(SLIDING, SLIDING, FULL)));
    }

    @Test
    void theFirstSlidingLayerOfQwenMovesDownWithTheLayersBelowIt() {
        ModelConfig config = qwen(8, 3);
        CollapsePlan plan =
                CollapsePlan.identity(8).merge(5, 2, MergeRules.telescoped()).merge(1, 1, MergeRules.telescoped());
        assertThat(new Qwen2().collapse(config, plan).values())
                .isEqualTo(qwen(5, 2).values());
    }

    @Test
    void theWindowKeysOfQwenStayIfNoWindowIsUsed() {
        ModelConfig config =
                config(Map.of("num_hidden_layers", 8, "max_window_layers", 3, "use_sliding_window", false));
        CollapsePlan plan = CollapsePlan.identity(8).merge(1, 3, MergeRules.telescoped());
        assertThat(new Qwen3().collapse(config, plan).values())
                .isEqualTo(Map.of("num_hidden_layers", 5, "max_window_layers", 3, "use_sliding_window", false));
    }

    @Test
    void theIntervalOfSmolLm3IsWrittenOutOnceItNoLongerHolds() {
        ModelConfig config = config(Map.of("num_hidden_layers", 8, "no_rope_layer_interval", 4));
        CollapsePlan plan = CollapsePlan.identity(8).merge(0, 2, MergeRules.telescoped());
        assertThat(new SmolLm3().collapse(config, plan).values())
                .isEqualTo(Map.of(
                        "num_hidden_layers",
                        6,
                        "no_rope_layer_interval",
                        4,
                        "no_rope_layers",
                        ImmutableList.of(1, 0, 1, 1, 1, 0)));
    }

    @Test
    void listedDenseLayersAreRenumbered() {
        ModelConfig config = config(Map.of("num_hidden_layers", 8, "mlp_only_layers", List.of(0, 5)));
        CollapsePlan plan = CollapsePlan.identity(8).merge(1, 2, MergeRules.telescoped());
        Family family = new Qwen3Moe();
        assertThat(family.collapse(config.withDefaults(family.defaults()), plan).values())
                .isEqualTo(Map.of("num_hidden_layers", 6, "mlp_only_layers", ImmutableList.of(0, 3)));
    }

    @Test
    void aStepBetweenExpertsBecomesAListOfDenseLayersOnceItNoLongerHolds() {
        ModelConfig config = config(Map.of("num_hidden_layers", 6, "decoder_sparse_step", 2));
        CollapsePlan plan =
                CollapsePlan.of(6, List.of(SourceLayer.of(0), SourceLayer.of(1), SourceLayer.of(3), SourceLayer.of(4)));
        assertThat(new Qwen3Moe().collapse(config, plan).values())
                .isEqualTo(Map.of(
                        "num_hidden_layers", 4, "decoder_sparse_step", 1, "mlp_only_layers", ImmutableList.of(0, 3)));
    }

    /** Attention in layers 2 and 6 of 8, experts in those of odd numbers. */
    private static ModelConfig jamba() {
        return config(Map.of(
                "num_hidden_layers", 8,
                "attn_layer_period", 4,
                "attn_layer_offset", 2,
                "expert_layer_period", 2,
                "expert_layer_offset", 1));
    }

    private static CollapsePlan keeping(int layers, Integer... kept) {
        return CollapsePlan.of(
                layers, List.of(kept).stream().map(SourceLayer::of).collect(ImmutableList.toImmutableList()));
    }

    /** Indexers in layers 0, 1 and 5 of 8, the two lowest without experts. */
    private static ModelConfig indexed(String key, Object value) {
        return config(Map.of("num_hidden_layers", 8, "first_k_dense_replace", 2, key, value));
    }

    @Test
    void aPatternOfIndexersIsShortenedAndWrittenAsAList() {
        assertThat(new GlmMoeDsa()
                        .collapse(indexed("index_topk_pattern", "FFSSSFSS"), keeping(8, 0, 2, 3, 5))
                        .values())
                .isEqualTo(Map.of(
                        "num_hidden_layers",
                        4,
                        "first_k_dense_replace",
                        1,
                        "index_topk_pattern",
                        "FSSF",
                        "indexer_types",
                        ImmutableList.of("full", "shared", "shared", "full")));
    }

    @Test
    void indexersThatStandEverySoManyLayersAreListedOnceTheyDoNot() {
        ModelConfig config = indexed("index_topk_freq", 4);
        assertThat(new GlmMoeDsa().collapse(config, keeping(8, 0, 1, 2, 3, 4)).values())
                .isEqualTo(Map.of("num_hidden_layers", 5, "first_k_dense_replace", 2, "index_topk_freq", 4));
        assertThat(new GlmMoeDsa()
                        .collapse(config, keeping(8, 0, 1, 2, 5, 6))
                        .values()
                        .get("indexer_types"))
                .isEqualTo(ImmutableList.of("full", "full", "shared", "full", "shared"));
    }

    @Test
    void theLowestLayerMustHaveAnIndexer() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new GlmMoeDsa().collapse(indexed("index_topk_freq", 4), keeping(8, 2, 3)))
                .withMessage(
                        "config.json: indexer_types: the lowest layer would have no indexer, and there is none below it to"
                                + " take the choice of");
    }

    @Test
    void anOlmoHybridKeepsLayersOfBothKinds() {
        ModelConfig config = config(Map.of("num_hidden_layers", 8));
        assertThat(new OlmoHybrid()
                        .collapse(config, keeping(8, 0, 3, 4))
                        .values()
                        .get("layer_types"))
                .isEqualTo(ImmutableList.of("linear_attention", FULL, "linear_attention"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new OlmoHybrid().collapse(config, keeping(8, 0, 1, 4)))
                .withMessage(
                        "config.json: layer_types: all layers that are left would be linear_attention, and transformers reads an"
                                + " olmo_hybrid of both kinds alone");
    }

    @Test
    void theHeadsOfEachLayerOfLagunaStayWithIt() {
        ModelConfig config = config(Map.of(
                "num_hidden_layers", 4,
                "num_attention_heads_per_layer", List.of(4, 6, 6, 8),
                "layer_types", List.of(FULL, SLIDING, SLIDING, FULL)));
        assertThat(new Laguna().collapse(config, keeping(4, 0, 1, 3)).values())
                .isEqualTo(Map.of(
                        "num_hidden_layers", 3,
                        "num_attention_heads_per_layer", ImmutableList.of(4, 6, 8),
                        "layer_types", ImmutableList.of(FULL, SLIDING, FULL)));
    }

    @Test
    void periodsOfJambaChangeWithWhatIsLeft() {
        assertThat(new Jamba().collapse(jamba(), keeping(8, 0, 2, 4, 6)).values())
                .isEqualTo(Map.of(
                        "num_hidden_layers", 4,
                        "attn_layer_period", 2,
                        "attn_layer_offset", 1,
                        "expert_layer_period", 5,
                        "expert_layer_offset", 4));
    }

    @Test
    void oneLayerOfAKindIsDescribedByAPeriodThatEndsBehindTheLast() {
        assertThat(new Jamba().collapse(jamba(), keeping(8, 2, 3, 4, 5)).values())
                .containsAllEntriesOf(Map.of(
                        "attn_layer_period", 2 + 2,
                        "attn_layer_offset", 0,
                        "expert_layer_period", 2,
                        "expert_layer_offset", 1));
    }

    @Test
    void layersThatNoPeriodDescribesAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Jamba().collapse(jamba(), keeping(8, 0, 1, 3, 4, 5)))
                .withMessage(
                        "config.json: expert_layer_period and expert_layer_offset can't describe which layers of the"
                                + " collapsed model have experts, of [1, 2, 4] in 5: they must be equally far apart, so drop as many"
                                + " layers between each two of them");
    }

    @Test
    void gpt2CountsItsLayersUnderAKeyOfItsOwn() {
        ModelConfig config = config(Map.of("n_layer", 4));
        CollapsePlan plan = CollapsePlan.identity(4).merge(1, 1, MergeRules.mean());
        assertThat(new Gpt2().collapse(config, plan).values()).isEqualTo(Map.of("n_layer", 3));
    }

    @Test
    void runsOfGptNeoAreWrittenOutAsOne() {
        ModelConfig config =
                config(Map.of("num_layers", 4, "attention_types", List.of(List.of(List.of("global", "local"), 2))));
        CollapsePlan plan = CollapsePlan.of(4, List.of(SourceLayer.of(0), SourceLayer.of(1), SourceLayer.of(3)));
        List<String> left = ImmutableList.of("global", "local", "local");
        assertThat(new GptNeo().collapse(config, plan).values())
                .isEqualTo(Map.of("num_layers", 3, "attention_types", List.of(List.of(left, 1))));
        assertThat(new GptNeo()
                        .collapse(config.with("attention_layers", List.of("global", "local", "global", "local")), plan)
                        .values())
                .as("the list by layers is kept true too")
                .containsEntry("attention_layers", left)
                .containsEntry("attention_types", List.of(List.of(left, 1)));
        assertThat(new GptNeo().collapse(config, CollapsePlan.identity(4)).values())
                .isEqualTo(config.values());
    }

    @Test
    void everyLayerKeepsItsTypeUnderAnyDrop() {
        for (int period = 1; period <= 7; period++) {
            for (int first = 0; first <= 9; first++) {
                for (int count = 1; count <= 5; count++) {
                    assertTypesKept(period, first, count);
                }
            }
        }
    }

    private static void assertTypesKept(int period, int first, int count) {
        ModelConfig config = config(Map.of("num_hidden_layers", 10, "sliding_window_pattern", period));
        List<SourceLayer> kept = new java.util.ArrayList<>();
        for (int i = 0; i < 10; i++) {
            if (i < first || i >= first + count) {
                kept.add(SourceLayer.of(i));
            }
        }
        CollapsePlan plan = CollapsePlan.of(10, kept);
        ModelConfig collapsed = new Gemma3().collapse(config, plan);
        ImmutableList<String> after = LayerTypes.read(collapsed, i -> (i + 1) % period != 0);
        for (int i = 0; i < kept.size(); i++) {
            boolean slid = (kept.get(i).index() + 1) % period != 0;
            assertThat(after.get(i))
                    .as("every %sth layer full, %s dropped from layer %s, layer %s", period, count, first, i)
                    .isEqualTo(slid ? SLIDING : FULL);
        }
    }

    private static ModelConfig qwen(int layers, int limit) {
        return config(Map.of(
                "num_hidden_layers",
                layers,
                "max_window_layers",
                limit,
                "use_sliding_window",
                true,
                "sliding_window",
                6));
    }

    private static ModelConfig config(Map<String, ?> values) {
        return ModelConfig.of(ImmutableMap.copyOf(values));
    }
}
