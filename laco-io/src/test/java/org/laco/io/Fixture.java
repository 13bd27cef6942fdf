package org.laco.io;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.laco.io.array.FileTensors;
import org.laco.stack.Calibration;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A tiny checkpoint with the numbers that transformers computed for it. */
final class Fixture implements AutoCloseable {
    /** What the fixtures ask of an implementation, relative to the largest value. */
    static final double RELATIVE = 2e-5;

    private final Path directory;
    private final FileTensors expected;

    private Fixture(Path directory) throws IOException {
        this.directory = directory;
        this.expected = FileTensors.open(directory.resolve("expected.safetensors"));
    }

    static Path root() {
        Path named = Path.of(System.getProperty("laco.fixtures", "src/test/resources/fixtures"));
        // Tests run in the module's directory, whoever names the property mostly stands in the one above.
        return Files.isDirectory(named) ? named : Path.of("..").resolve(named);
    }

    static List<Path> all(Path root) throws IOException {
        try (Stream<Path> directories = Files.list(root)) {
            return directories
                    .filter(directory -> Files.exists(directory.resolve("collapse.json")))
                    .sorted()
                    .toList();
        }
    }

    static Fixture open(Path directory) throws IOException {
        return new Fixture(directory);
    }

    Path model() {
        return directory.resolve("model");
    }

    JsonNode meta() throws IOException {
        return new Json().readObject(directory.resolve("meta.json"));
    }

    double hiddenTolerance() throws IOException {
        return RELATIVE * meta().get("max_abs_hidden").asDouble();
    }

    double logitTolerance() throws IOException {
        return RELATIVE * meta().get("max_abs_logit").asDouble();
    }

    JsonNode collapse() throws IOException {
        return new Json().readObject(directory.resolve("collapse.json"));
    }

    Calibration sequences() {
        List<int[]> sequences = new ArrayList<>();
        for (int i = 0; expected.contains("input_ids." + i); i++) {
            try (INDArray ids = expected.tensor("input_ids." + i).load()) {
                sequences.add(ids.toIntVector());
            }
        }
        return Calibration.ofTokens(sequences);
    }

    INDArray hidden(int sequence, int layer) {
        return expected.tensor("hidden." + sequence + "." + layer).load();
    }

    /** Whether the model has a head, without which it gives hidden states alone. */
    boolean hasLogits() {
        return expected.contains("logits.0");
    }

    /** Which object of the configuration describes the language model, if it isn't the whole. */
    Optional<String> configSection() throws IOException {
        return Optional.ofNullable(collapse().get("config_section")).map(JsonNode::asText);
    }

    /** The number of lowest layers after which a vision tower adds its features, so that they never merge. */
    int layersFedByVision() throws IOException {
        return new Json()
                .readObject(model().resolve("config.json"))
                .path("vision_config")
                .path("deepstack_visual_indexes")
                .size();
    }

    INDArray logits(int sequence) {
        return expected.tensor("logits." + sequence).load();
    }

    FileTensors expectedAfter() throws IOException {
        return FileTensors.open(directory.resolve("expected_after.safetensors"));
    }

    @Override
    public void close() {
        expected.close();
    }

    @Override
    public String toString() {
        return directory.getFileName().toString();
    }
}
