package org.laco.model.family;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.laco.model.block.Decoder;
import org.laco.model.config.ModelConfig;
import org.laco.service.Registration;
import org.laco.tensor.TensorSource;

class FamiliesTest {
    @Test
    void everyFamilySaysWhatItIs() {
        assertThat(Families.all()).allSatisfy(family -> {
            assertThat(family.name()).isNotBlank();
            assertThat(family.notes()).isNotBlank().doesNotContain("\n");
            assertThat(family.modelTypes()).isNotEmpty();
        });
    }

    @Test
    void noTwoFamiliesAnswerForOneModelType() {
        assertThat(Families.all().stream().flatMap(family -> family.modelTypes().stream()))
                .doesNotHaveDuplicates();
    }

    @Test
    void refusesAnUnknownModelTypeAndSaysWhereTheKnownOnesAre() {
        assertThatThrownBy(() -> Families.of(config(Map.of("model_type", "rwkv"))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageMatching("config.json: model_type rwkv is not supported,"
                        + " expected one of the \\d+ types that laco families lists");
    }

    @Test
    void refusesQuantisedWeightsByTheirMethod() {
        assertQuantisedRefused(Map.of("quant_method", "gptq", "bits", 4), "gptq");
        assertQuantisedRefused(Map.of("quant_method", "awq"), "awq");
        assertQuantisedRefused(Map.of("quant_method", "fp8", "weight_block_size", 128), "fp8");
        assertQuantisedRefused(Map.of("quant_method", "bitsandbytes", "load_in_4bit", true), "bitsandbytes 4-bit");
        assertQuantisedRefused(Map.of("load_in_8bit", true), "bitsandbytes 8-bit");
        assertQuantisedRefused(Map.of("bits", 4), "unnamed method");
        assertQuantisedRefused(
                Map.of("quant_method", "compressed-tensors", "format", "pack-quantized"),
                "compressed-tensors pack-quantized");
    }

    private static void assertQuantisedRefused(Map<String, Object> quantisation, String method) {
        assertThatThrownBy(
                        () -> Families.of(config(Map.of("model_type", "llama", "quantization_config", quantisation))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("config.json: the weights are quantised (quantization_config: " + method
                        + "), which can't be merged: collapse the unquantised checkpoint and quantise the result");
    }

    @ParameterizedTest
    @ValueSource(strings = {"compression_config", "quantization"})
    void refusesQuantisedWeightsByOtherKeys(String key) {
        assertThatThrownBy(() -> Families.of(config(Map.of("model_type", "llama", key, Map.of("bits", 4)))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("config.json: the weights are quantised (" + key + ": unnamed method)");
    }

    @Test
    void refusesLayersThatComputeByTheirNumbers() {
        assertThatThrownBy(() -> Families.of(config(Map.of("model_type", "minimax"))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "config.json: model_type minimax is not supported: how fast its linear attention forgets follows from a"
                                + " layer's number among all layers, which a collapse would change");
    }

    @ParameterizedTest
    @ValueSource(strings = {"zamba", "zamba2"})
    void refusesLayersThatShareTheirWeights(String type) {
        assertThatThrownBy(() -> Families.of(config(Map.of("model_type", type))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "config.json: model_type " + type + " is not supported: several of its layers share attention"
                                + " that is stored once, which merging or dropping one of them would change or leave without a place");
    }

    @Test
    void refusesAnEncoderDecoder() {
        assertThatThrownBy(() -> Families.of(config(Map.of("model_type", "t5", "is_encoder_decoder", true))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("config.json: model_type t5 is an encoder-decoder (is_encoder_decoder is true), expected a"
                        + " decoder-only model: choose one of the families that are supported");
    }

    @Test
    void findsTheLanguageModelOfAMultimodalCheckpoint() {
        Map<String, Object> vision = Map.of("hidden_size", 8);
        assertThat(Families.of(config(Map.of(
                        "model_type",
                        "internvl",
                        "vision_config",
                        vision,
                        "text_config",
                        Map.of("model_type", "qwen2")))))
                .isInstanceOf(Qwen2.class);
        assertThat(Families.of(config(Map.of(
                        "model_type",
                        "internvl_chat",
                        "vision_config",
                        vision,
                        "llm_config",
                        Map.of("model_type", "llama")))))
                .isInstanceOf(Llama.class);
        assertThat(Families.of(config(Map.of(
                        "model_type", "gemma3", "vision_config", vision, "text_config", Map.of("head_dim", 16)))))
                .as("a section without a type")
                .isInstanceOf(Gemma3.class);
        assertThat(Families.of(config(Map.of("model_type", "qwen2_5_vl", "vision_config", vision)))
                        .name())
                .as("keys at the top level")
                .isEqualTo("Qwen 2 VL");
    }

    @Test
    void refusesALanguageModelThatAVisionTowerReachesInto() {
        Map<String, Object> text = Map.of("model_type", "gemma");
        assertThatThrownBy(() -> Families.of(config(Map.of("model_type", "paligemma", "text_config", text))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "config.json: model_type paligemma attends both ways over the picture and the prompt, expected a"
                                + " causal model: choose one of the families that are supported");
        assertThatThrownBy(() -> Families.of(config(Map.of(
                        "model_type",
                        "other",
                        "text_config",
                        text,
                        "spatial_target_layers",
                        ImmutableList.of(12, 15)))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "config.json: spatial_target_layers names layers of the language model after which a vision"
                                + " tower's features are added, which a collapse would move: model_type other is not supported");
    }

    @Test
    void refusesALanguageModelOfAnUnknownTypeByThatType() {
        assertThatThrownBy(() -> Families.of(config(
                        Map.of("model_type", "mllama", "text_config", Map.of("model_type", "mllama_text_model")))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("config.json: model_type mllama_text_model is not supported, expected one of ");
    }

    @Test
    void refusesAModelTypeThatARegisteredFamilyTakesFromAnother(@TempDir Path directory) throws Exception {
        try (Registration ignored = Registration.of(directory, Family.class, OtherLlama.class.getName())) {
            assertThatThrownBy(() -> Families.of("llama"))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("config.json: several families answer for model_type llama,"
                            + " org.laco.model.family.FamiliesTest$OtherLlama among them: take it off the class path,"
                            + " or open the model with the family that is meant");
            assertThat(Families.of("mistral")).isInstanceOf(Mistral.class);
        }
    }

    /** A family that would silently change what a Llama is. */
    public static final class OtherLlama implements Family {
        private final Llama llama = new Llama();

        @Override
        public String name() {
            return "other Llama";
        }

        @Override
        public ImmutableSet<String> modelTypes() {
            return llama.modelTypes();
        }

        @Override
        public String notes() {
            return "none";
        }

        @Override
        public Decoder define(ModelConfig config, TensorSource tensors) {
            return llama.define(config, tensors);
        }
    }

    @Test
    void refusesAModelThatIsNotCausal() {
        assertThat(Families.all()).allSatisfy(family -> assertThatThrownBy(() -> Families.of(config(
                        Map.of("model_type", family.modelTypes().iterator().next(), "is_causal", false))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "config.json: is_causal false is not supported, expected true: layer collapse compares causal"
                                + " models"));
    }

    private static ModelConfig config(Map<String, ?> values) {
        return ModelConfig.of(values);
    }
}
