package org.laco.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.laco.model.CausalModel;
import org.laco.model.config.ModelConfig;
import org.laco.stack.Calibration;
import org.laco.tensor.InMemoryTensors;
import org.nd4j.linalg.api.ndarray.INDArray;

class LossGradientTest {
    /** A step along a gradient that changes the loss by far more than float32 rounds and far less than it curves. */
    private static final double CHANGE = 2e-3;

    private static final Path REFERENCES = Path.of("src/test/resources/references");

    private static JsonNode recorded() throws IOException {
        return new Json().readObject(REFERENCES.resolve("gradients.json"));
    }

    /** Holds every fixture against numbers of PyTorch's, which the script beside the rarer variants records. */
    @TestFactory
    Stream<DynamicTest> agreesWithPyTorch() throws IOException {
        JsonNode recorded = recorded();
        return Stream.concat(Fixture.all(Fixture.root()).stream(), Fixture.all(REFERENCES).stream())
                .filter(folder -> recorded.has(folder.getFileName().toString()))
                .map(folder -> dynamicTest(folder.getFileName().toString(), () -> compare(folder, recorded)));
    }

    private static void compare(Path folder, JsonNode recorded) throws IOException {
        try (Fixture fixture = Fixture.open(folder);
                HfCheckpoint checkpoint = HfCheckpoint.open(fixture.model())) {
            LossGradient actual = LossGradient.of(checkpoint.model(), fixture.sequences());
            new RecordedGradient(recorded.get(fixture.toString())).compare(actual);
        }
    }

    @Test
    void isRecordedForEveryFixture() throws IOException {
        Stream<Path> fixtures = Stream.concat(
                Fixture.all(Path.of("src/test/resources/fixtures")).stream(), Fixture.all(REFERENCES).stream());
        JsonNode recorded = recorded();

        assertThat(recorded.properties().stream().map(Map.Entry::getKey))
                .containsExactlyInAnyOrderElementsOf(fixtures.filter(
                                folder -> recorded.has(folder.getFileName().toString()) || !isReadAsAnother(folder))
                        .map(folder -> folder.getFileName().toString())
                        .toList());
    }

    /** What is decoded while it is read is computed as what isn't, and a tower as a text model; without a head there is no loss. */
    private static boolean isReadAsAnother(Path folder) {
        try (Fixture fixture = Fixture.open(folder)) {
            String config = Files.readString(folder.resolve("model/config.json"));
            return config.contains("quantization_config") || config.contains("vision_config") || !fixture.hasLogits();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void isTheSameWhereTheLanguageModelStandsBesideAVisionTower() throws IOException {
        try (Fixture fixture = Fixture.open(Path.of("src/test/resources/fixtures/llama31"));
                HfCheckpoint checkpoint = HfCheckpoint.open(fixture.model())) {
            CausalModel model = checkpoint.model();
            Map<String, INDArray> arrays = new LinkedHashMap<>();
            for (String name : model.tensors().names()) {
                arrays.put(
                        "language_model." + name, model.tensors().tensor(name).load());
            }
            ModelConfig config = ModelConfig.of(
                    Map.of("model_type", "llava", "text_config", model.config().values()));
            CausalModel tower = CausalModel.of(config, InMemoryTensors.of(arrays));

            Map<String, INDArray> expected = new LinkedHashMap<>();
            LossGradient.of(model, fixture.sequences())
                    .gradients()
                    .forEach((name, gradient) -> expected.put(
                            name.equals(LossGradient.EMBEDDED) ? name : "language_model." + name, gradient));
            assertThat(LossGradient.of(tower, fixture.sequences()).gradients())
                    .containsExactlyInAnyOrderEntriesOf(expected);
        }
    }

    @Test
    void isTheSlopeOfTheLossAlongEachWeightsGradient() throws IOException {
        try (Fixture fixture = Fixture.open(Fixture.root().resolve("llama"));
                HfCheckpoint checkpoint = HfCheckpoint.open(fixture.model())) {
            CausalModel model = checkpoint.model();
            LossGradient gradient = LossGradient.of(model, fixture.sequences());
            assertThat(gradient.loss()).isCloseTo(LossGradient.loss(model, fixture.sequences()), within(1e-6));
            assertThat(gradient.gradients()).hasSize(9 * model.layerCount() + 2);
            gradient.gradients().forEach((name, by) -> {
                if (name.equals(LossGradient.EMBEDDED)) {
                    return;
                }
                double norm = by.norm2Number().doubleValue();
                assertThat(slope(model, fixture.sequences(), name, by.div(norm), CHANGE / norm))
                        .as(name)
                        .isCloseTo(norm, within(5e-3 * norm));
            });
        }
    }

    static double slope(CausalModel model, Calibration batch, String name, INDArray direction, double step) {
        double up = LossGradient.loss(moved(model, name, direction.mul(step)), batch);
        double down = LossGradient.loss(moved(model, name, direction.mul(-step)), batch);
        return (up - down) / (2 * step);
    }

    private static CausalModel moved(CausalModel model, String name, INDArray step) {
        Map<String, INDArray> arrays = new LinkedHashMap<>();
        for (String each : model.tensors().names()) {
            INDArray values = model.tensors().tensor(each).load();
            arrays.put(each, each.equals(name) ? values.addi(step) : values);
        }
        return CausalModel.of(model.config(), InMemoryTensors.of(arrays));
    }
}
