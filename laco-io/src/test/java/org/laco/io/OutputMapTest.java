package org.laco.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.collect.ImmutableMap;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.laco.model.CausalModel;
import org.laco.stack.Calibration;
import org.laco.stack.OutputMap;
import org.laco.stack.TracedOutput;
import org.laco.tensor.ArrayTensor;
import org.laco.tensor.LayerTensor;
import org.laco.tensor.LayerWeights;
import org.laco.tensor.TensorRole;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class OutputMapTest {
    private static final Calibration CALIBRATION =
            Calibration.ofTokens(new int[] {3, 1, 4, 1, 5, 9}, new int[] {2, 6, 5, 3});

    private static HfCheckpoint open(String fixture) throws Exception {
        return HfCheckpoint.open(Path.of(OutputMapTest.class
                .getResource("/fixtures/" + fixture + "/model")
                .toURI()));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "llama",
                "mistral",
                "qwen2",
                "qwen3",
                "granite",
                "phi",
                "phi3",
                "gpt2",
                "gpt_neox",
                "gpt_neox_seq",
                "opt",
                "cohere",
                "falcon",
                "starcoder2",
                "stablelm",
                "baichuan_rope",
                "smollm3"
            })
    void aChangeOfTheMapChangesTheOutputByWhatItsActivationsSay(String fixture) throws Exception {
        try (HfCheckpoint checkpoint = open(fixture)) {
            CausalModel model = checkpoint.model();
            OutputMap map = model.outputMap(1);
            ImmutableMap<String, LayerTensor> tensors = model.tensors(1);
            INDArray weight = tensors.get(map.weight()).tensor().load();
            INDArray change = Nd4j.randn(5L, weight.shape()).muli(0.1);
            ImmutableMap.Builder<String, LayerTensor> changed = ImmutableMap.builder();
            tensors.forEach((name, tensor) -> changed.put(
                    name,
                    name.equals(map.weight())
                            ? new LayerTensor(ArrayTensor.of(name, weight.add(change)), TensorRole.LINEAR)
                            : tensor));

            INDArray entering = model.embed(CALIBRATION);
            try (LayerWeights before = LayerWeights.load(tensors);
                    LayerWeights after = LayerWeights.load(changed.buildOrThrow());
                    TracedOutput traced = model.trace(1, map, before, entering, CALIBRATION.layout())) {
                INDArray expected = model.forward(1, after, entering, CALIBRATION.layout());
                INDArray plain = model.forward(1, before, entering, CALIBRATION.layout());
                INDArray difference = traced.activations()
                        .mmul(map.inputFirst() ? change : change.transpose())
                        .muli(map.scale());

                assertThat(traced.output()).isEqualTo(plain);
                double error = expected.sub(traced.output())
                        .subi(difference)
                        .norm2Number()
                        .doubleValue();
                assertThat(error / difference.norm2Number().doubleValue()).isLessThan(1e-4);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "llama, self_attn.o_proj.weight",
        "qwen3, self_attn.o_proj.weight",
        "granite, self_attn.o_proj.weight",
        "gpt2, attn.c_proj.weight",
        "opt, self_attn.out_proj.weight",
    })
    void tracesAStepWithinALayer(String fixture, String weight) throws Exception {
        try (HfCheckpoint checkpoint = open(fixture)) {
            CausalModel model = checkpoint.model();
            OutputMap map = model.stepMaps(1).get(0);
            assertThat(model.stepMaps(1))
                    .extracting(OutputMap::weight)
                    .containsExactly(weight, model.outputMap(1).weight());
            INDArray change = Nd4j.randn(
                            5L, model.tensors(1).get(weight).tensor().shape())
                    .muli(0.1);
            // A layer whose last map is zero ends with the step before.
            ImmutableMap.Builder<String, LayerTensor> before = ImmutableMap.builder();
            ImmutableMap.Builder<String, LayerTensor> after = ImmutableMap.builder();
            String last = model.outputMap(1).weight().replace(".weight", "");
            model.tensors(1).forEach((name, tensor) -> {
                INDArray values = tensor.tensor().load();
                INDArray kept = name.startsWith(last + ".") ? values.mul(0) : values;
                before.put(name, new LayerTensor(ArrayTensor.of(name, kept), tensor.role()));
                after.put(
                        name,
                        new LayerTensor(
                                ArrayTensor.of(name, name.equals(weight) ? kept.add(change) : kept), tensor.role()));
            });

            INDArray entering = model.embed(CALIBRATION);
            try (LayerWeights plainWeights = LayerWeights.load(before.buildOrThrow());
                    LayerWeights changedWeights = LayerWeights.load(after.buildOrThrow());
                    TracedOutput traced = model.trace(1, map, plainWeights, entering, CALIBRATION.layout())) {
                INDArray plain = model.forward(1, plainWeights, entering, CALIBRATION.layout());
                INDArray changed = model.forward(1, changedWeights, entering, CALIBRATION.layout());
                INDArray difference = traced.activations()
                        .mmul(map.inputFirst() ? change : change.transpose())
                        .muli(map.scale());

                assertThat(traced.output().sub(plain).norm2Number().doubleValue())
                        .isLessThan(1e-5);
                double error = changed.sub(plain).subi(difference).norm2Number().doubleValue();
                assertThat(error / difference.norm2Number().doubleValue()).isLessThan(1e-4);
            }
        }
    }

    @Test
    void namesOneMapWhereAttentionAndFeedForwardRunInParallel() throws Exception {
        try (HfCheckpoint checkpoint = open("gpt_neox")) {
            assertThat(checkpoint.model().stepMaps(0))
                    .containsExactly(checkpoint.model().outputMap(0));
        }
    }

    @Test
    void refusesToTraceAMapThatNoStepEndsIn() throws Exception {
        try (HfCheckpoint checkpoint = open("llama");
                LayerWeights weights = LayerWeights.load(checkpoint.model().tensors(1))) {
            OutputMap gate = new OutputMap("mlp.gate_proj.weight", false, 1);
            assertThatThrownBy(() -> checkpoint
                            .model()
                            .trace(1, gate, weights, checkpoint.model().embed(CALIBRATION), CALIBRATION.layout()))
                    .isInstanceOf(UnsupportedOperationException.class)
                    .hasMessage("no step of layer 1 ends in mlp.gate_proj.weight");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "gemma2, RmsNorm",
        "gemma3_text, RmsNorm",
        "olmo2, RmsNorm",
        "mixtral, Experts",
        "qwen3_moe, Experts",
    })
    void namesWhatKeepsALayerFromBeingRefit(String fixture, String last) throws Exception {
        try (HfCheckpoint checkpoint = open(fixture)) {
            assertThatThrownBy(() -> checkpoint.model().outputMap(1))
                    .isInstanceOf(UnsupportedOperationException.class)
                    .hasMessage("layer 1 can't be refit: its output doesn't depend linearly on one weight, a " + last
                            + " comes last");
        }
    }

    @Test
    void scalesTheMapWhereTheResidualIsScaled() throws Exception {
        try (HfCheckpoint checkpoint = open("granite")) {
            assertThat(checkpoint.model().outputMap(0).scale())
                    .isEqualTo(checkpoint.config().number("residual_multiplier"));
        }
    }
}
