package org.laco.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.laco.measure.LlamaFixtures;
import org.laco.measure.TokenLogProbabilities;
import org.laco.merge.MergeRules;
import org.laco.model.config.ModelConfig;
import org.laco.plan.CollapsePlan;
import org.laco.stack.Calibration;
import org.laco.tensor.InMemoryTensors;
import org.laco.tensor.TensorSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** What a configuration says is held against the tensors, and sequences against both. */
class CausalModelChecksTest {
    private final CausalModel model = LlamaFixtures.random(16, 8, 2, 7);

    private TensorSource renamed(UnaryOperator<String> name) {
        Map<String, INDArray> arrays = new LinkedHashMap<>();
        for (String stored : model.tensors().names()) {
            String renamed = name.apply(stored);
            if (!renamed.isEmpty()) {
                arrays.put(renamed, model.tensors().tensor(stored).load());
            }
        }
        return InMemoryTensors.of(arrays);
    }

    @Test
    void namesLayersThatTheCheckpointHasNot() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CausalModel.of(model.config().with("num_hidden_layers", 3), model.tensors()))
                .withMessage("config.json: it says that there are 3 layers, but the checkpoint has no tensor of layer 2"
                        + " (model.layers.2.…)");
    }

    @Test
    void opensAModelWhoseTensorsLackThePrefixAndWhichHasNoHead() {
        TensorSource bare = renamed(name -> name.equals("lm_head.weight") ? "" : name.replaceFirst("^model\\.", ""));
        CausalModel headless = CausalModel.of(model.config(), bare);
        Calibration text = Calibration.ofTokens(new int[] {1, 2, 3});
        try (INDArray expected = model.hidden(text, 2);
                INDArray hidden = headless.hidden(text, 2)) {
            assertThat(hidden).isEqualTo(expected);
            assertThatThrownBy(() -> headless.logits(hidden))
                    .isInstanceOf(UnsupportedOperationException.class)
                    .hasMessage(
                            "the checkpoint has no language-model head (lm_head.weight), so it gives no logits: compare"
                                    + " hidden states by the objective cosine, or take the checkpoint that has the head");
        }
        assertThat(headless.decoder().layerPrefix()).isEqualTo("layers.");
        CollapsePlan merged = CollapsePlan.identity(2).merge(0, 1, MergeRules.telescoped());
        assertThat(headless.collapsed(merged).tensors().names())
                .contains("embed_tokens.weight", "layers.0.mlp.up_proj.weight", "norm.weight")
                .noneMatch(name -> name.startsWith("model.") || name.startsWith("layers.1."));
        assertThat(headless.outside()).containsOnlyKeys("embed_tokens.weight", "norm.weight");
    }

    @Test
    void missesAHeadThatTheConfigurationSaysThereIs() {
        ModelConfig stated = model.config().with("architectures", List.of("LlamaForCausalLM"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CausalModel.of(stated, renamed(name -> name.equals("lm_head.weight") ? "" : name)))
                .withMessage("tensor lm_head.weight is missing from the checkpoint");
        ModelConfig classifier = model.config().with("architectures", List.of("LlamaForSequenceClassification"));
        assertThat(CausalModel.of(classifier, renamed(name -> name.replace("lm_head", "score")))
                        .vocabulary())
                .isZero();
    }

    @Test
    void saysThatPackedWeightsAreQuantisedThoughTheConfigurationDoesNot() {
        TensorSource packed =
                renamed(name -> name.replace("layers.1.mlp.up_proj.weight", "layers.1.mlp.up_proj.qweight"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CausalModel.of(model.config(), packed))
                .withMessage(
                        "tensor model.layers.1.mlp.up_proj.weight is missing, expected one of shape [16, 8], which has"
                                + " model.layers.1.mlp.up_proj.qweight: its weights are quantised as by GPTQ or AWQ, which can't be merged:"
                                + " collapse the unquantised checkpoint and quantise the result");
    }

    @ParameterizedTest
    @ValueSource(strings = {"n_positions", "max_position_embeddings", "max_seq_len"})
    void readsHowManyPositionsAModelWasMadeForUnderAnyOfTheirNames(String key) {
        PositionCheck positions =
                PositionCheck.of(ModelConfig.of(Map.of(key, 8)), model.decoder(), model.tensors(), new AtomicBoolean());
        assertThat(positions.positions()).contains(new Positions(8, false));
    }

    @Test
    void readsALanguageModelInPlaceBesideAVisionTower() {
        ModelConfig config = ModelConfig.of(Map.of(
                "model_type",
                "llava",
                "vision_config",
                Map.of("num_hidden_layers", 3),
                "text_config",
                model.config().with("tie_word_embeddings", true).values(),
                "tie_word_embeddings",
                false,
                "num_hidden_layers",
                2,
                "hidden_size",
                5));
        Map<String, INDArray> arrays = new LinkedHashMap<>();
        for (String name : model.tensors().names()) {
            arrays.put("language_model." + name, model.tensors().tensor(name).load());
        }
        arrays.put("vision_tower.encoder.layers.0.up.weight", Nd4j.ones(2, 2));
        CausalModel inPlace = CausalModel.of(config, InMemoryTensors.of(arrays));
        Calibration text = Calibration.ofTokens(new int[] {1, 2, 3});
        assertThat(logits(inPlace, text)).isEqualTo(logits(model, text));
        assertThat(inPlace.outside().keySet()).allMatch(name -> name.startsWith("language_model."));

        CausalModel collapsed = inPlace.collapsed(CollapsePlan.identity(2).merge(0, 1, MergeRules.telescoped()));
        assertThat(collapsed.tensors().names())
                .contains("language_model.model.layers.0.mlp.up_proj.weight", "vision_tower.encoder.layers.0.up.weight")
                .noneMatch(name -> name.contains("model.layers.1."));
        assertThat(collapsed.languageConfig().integer("num_hidden_layers")).isEqualTo(1);
        assertThat(collapsed.config().object("text_config").integer("num_hidden_layers"))
                .isEqualTo(1);
        assertThat(collapsed.config().object("text_config").flag("tie_word_embeddings", false))
                .as("left as it was")
                .isTrue();
        assertThat(collapsed.config().integer("num_hidden_layers"))
                .as("a copy of the section's key")
                .isEqualTo(1);
        assertThat(collapsed.config().integer("hidden_size")).isEqualTo(5);
        assertThat(collapsed.config().object("vision_config").integer("num_hidden_layers"))
                .isEqualTo(3);
    }

    @Test
    void keepsLayersApartThatAVisionTowerFeeds() {
        CausalModel source = LlamaFixtures.random(16, 8, 4, 7);
        ModelConfig config = ModelConfig.of(Map.of(
                "model_type", "llava",
                "vision_config", Map.of("deepstack_visual_indexes", List.of(5, 7)),
                "text_config", source.config().values()));
        CausalModel fed = CausalModel.of(config, source.tensors());
        CollapsePlan plan = CollapsePlan.identity(4);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> fed.collapsed(plan.merge(1, 1, MergeRules.telescoped())))
                .withMessageContaining("layers 1 and 2 differ in vision features: added after layer 1 and none");
        assertThat(fed.collapsed(plan.merge(2, 1, MergeRules.telescoped())).layerCount())
                .isEqualTo(3);
    }

    @Test
    void namesAPrefixThatTheTensorsHaveTooMany() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CausalModel.of(model.config(), renamed(name -> "module." + name)))
                .withMessage("tensor model.embed_tokens.weight is missing from the checkpoint, which has"
                        + " module.model.embed_tokens.weight: its names have the prefix module., so save the model without"
                        + " what wraps it");
    }

    @Test
    void namesAnAdapterThatStandsWithinALayer() {
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        CausalModel.of(model.config(), renamed(name -> name.replace("q_proj.", "q_proj.base_layer."))))
                .withMessage(
                        "tensor model.layers.0.self_attn.q_proj.weight is missing, expected one of shape [8, 8], which has"
                                + " model.layers.0.self_attn.q_proj.base_layer.weight: an adapter has to be merged into its model"
                                + " before");
    }

    @Test
    void readsAKeyByEitherNameAndWritesItWhereItStood() {
        ModelConfig config = gpt2(4, 4).config();
        ModelConfig other = ModelConfig.of(Map.of(
                "model_type",
                "gpt2",
                "vocab_size",
                4,
                "hidden_size",
                2,
                "num_hidden_layers",
                1,
                "num_attention_heads",
                1,
                "n_positions",
                4));
        CausalModel renamed = CausalModel.of(other, gpt2(4, 4).tensors());
        assertThat(renamed.languageConfig().integer("n_embd")).isEqualTo(2);
        ModelConfig collapsed = renamed.collapsed(CollapsePlan.identity(1)).config();
        assertThat(collapsed.values()).isEqualTo(other.values());
        assertThat(gpt2(4, 4).collapsed(CollapsePlan.identity(1)).config().values())
                .isEqualTo(config.values());
    }

    @Test
    void usesAStoredHeadThoughTheConfigurationTiesIt() {
        Calibration text = Calibration.ofTokens(new int[] {1, 2, 3});
        ModelConfig tied = model.config().with("tie_word_embeddings", true);
        INDArray own = logits(model, text);
        assertThat(logits(CausalModel.of(tied, model.tensors()), text)).isEqualTo(own);
        TensorSource withoutHead = renamed(name -> name.equals("lm_head.weight") ? "" : name);
        assertThat(logits(CausalModel.of(tied, withoutHead), text)).isNotEqualTo(own);
    }

    @Test
    void countsATiedHeadThatIsStoredTooOnlyOnceUnlessItDiffers() {
        int head = 16 * 8;
        ModelConfig tied = model.config().with("tie_word_embeddings", true);
        Map<String, INDArray> arrays = new LinkedHashMap<>();
        model.tensors()
                .names()
                .forEach(name -> arrays.put(name, model.tensors().tensor(name).load()));
        assertThat(CausalModel.of(tied, InMemoryTensors.of(arrays)).parameterCount())
                .as("a head of its own")
                .isEqualTo(model.parameterCount());

        arrays.put("lm_head.weight", arrays.get("model.embed_tokens.weight").dup());
        CausalModel same = CausalModel.of(tied, InMemoryTensors.of(arrays));
        assertThat(same.parameterCount()).isEqualTo(model.parameterCount() - head);
        assertThat(same.parametersOutsideLayers()).isEqualTo(model.parametersOutsideLayers() - head);
        assertThat(same.bytesOutsideLayers()).as("of the file").isEqualTo(model.bytesOutsideLayers());
        assertThat(same.collapsed(CollapsePlan.identity(2)).parameterCount()).isEqualTo(same.parameterCount());

        assertThat(CausalModel.of(model.config(), InMemoryTensors.of(arrays)).parameterCount())
                .as("not tied")
                .isEqualTo(model.parameterCount());
        arrays.remove("lm_head.weight");
        assertThat(CausalModel.of(tied, InMemoryTensors.of(arrays)).parameterCount())
                .as("stored once")
                .isEqualTo(same.parameterCount());
    }

    private static INDArray logits(CausalModel model, Calibration text) {
        try (INDArray hidden = model.hidden(text, model.layerCount());
                INDArray output = model.finish(hidden)) {
            return model.logits(output);
        }
    }

    @Test
    void knowsHowLongSequencesTheModelWasMadeFor() {
        assertThat(LlamaFixtures.random(16, 8, 1, 7).positions()).isEqualTo(Optional.of(new Positions(2048, false)));
        assertThat(gpt2(4, 4).positions()).isEqualTo(Optional.of(new Positions(4, true)));
    }

    @Test
    void refusesSequencesBeyondLearnedPositionsBeforeAnyIsRun() {
        CausalModel learned = gpt2(4, 4);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> learned.embed(Calibration.ofTokens(new int[] {1}, new int[] {1, 2, 3, 1, 2})))
                .withMessage(
                        "calibration sequence 1 has 5 tokens, but the model takes at most 4, as many positions as it has learned");
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        TokenLogProbabilities.of(learned).compute(List.of(new int[] {1, 2}, new int[] {1, 2, 3, 1, 2})))
                .withMessage("sequence 1 has 5 tokens, but the model takes at most 4");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> GreedyGenerator.builder(learned).build().generate(new int[] {1, 2}, 4))
                .withMessage(
                        "the prompt of 2 tokens with those to be added has 5 tokens, but the model takes at most 4, the longest sequence that it can be given");
        assertThat(GreedyGenerator.builder(learned)
                        .build()
                        .generate(new int[] {1, 2}, 3)
                        .length())
                .isEqualTo(3);
    }

    @Test
    void refusesATableOfOtherPositionsThanTheConfigurationDescribes() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> gpt2(8, 4))
                .withMessage("tensor wpe.weight holds 4 positions, but config.json describes 8");
    }

    /** GPT-2 of one layer, width 2 and 4 tokens. */
    private static CausalModel gpt2(int stated, int positions) {
        Map<String, INDArray> arrays = new LinkedHashMap<>();
        arrays.put("wte.weight", Nd4j.rand(4, 2));
        arrays.put("wpe.weight", Nd4j.rand(positions, 2));
        for (String norm : List.of("h.0.ln_1", "h.0.ln_2", "ln_f")) {
            arrays.put(norm + ".weight", Nd4j.ones(2));
            arrays.put(norm + ".bias", Nd4j.zeros(2));
        }
        arrays.put("h.0.attn.c_attn.weight", Nd4j.rand(2, 6));
        arrays.put("h.0.attn.c_attn.bias", Nd4j.zeros(6));
        arrays.put("h.0.attn.c_proj.weight", Nd4j.rand(2, 2));
        arrays.put("h.0.attn.c_proj.bias", Nd4j.zeros(2));
        arrays.put("h.0.mlp.c_fc.weight", Nd4j.rand(2, 8));
        arrays.put("h.0.mlp.c_fc.bias", Nd4j.zeros(8));
        arrays.put("h.0.mlp.c_proj.weight", Nd4j.rand(8, 2));
        arrays.put("h.0.mlp.c_proj.bias", Nd4j.zeros(2));
        ModelConfig config = ModelConfig.of(Map.of(
                "model_type", "gpt2", "vocab_size", 4, "n_embd", 2, "n_layer", 1, "n_head", 1, "n_positions", stated));
        return CausalModel.of(config, InMemoryTensors.of(arrays));
    }
}
