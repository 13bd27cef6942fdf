package org.laco.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.laco.io.safetensors.SafetensorsFile;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Collapses a checkpoint of every family from the command line, and holds the decisions against those that transformers leads to. */
class FixturesThroughTheCommandLineTest {
    private static final Path FIXTURES = Path.of("../laco-io/src/test/resources/fixtures");

    private final ObjectMapper mapper = new ObjectMapper();

    @TempDir
    private Path temporary;

    @TestFactory
    Stream<DynamicTest> collapsesEveryFamily() throws IOException {
        try (Stream<Path> directories = Files.list(FIXTURES)) {
            return directories.filter(Files::isDirectory).sorted().toList().stream()
                    .map(fixture -> dynamicTest(fixture.getFileName().toString(), () -> collapse(fixture)));
        }
    }

    private void collapse(Path fixture) throws IOException {
        JsonNode expected = mapper.readTree(fixture.resolve("collapse.json").toFile())
                .get("cases")
                .get(0);
        Path target = temporary.resolve(fixture.getFileName().toString());

        Run run = Run.laco(
                "collapse",
                fixture.resolve("model"),
                target,
                "--json",
                "--quiet",
                "--calibration",
                tokenIds(fixture),
                "--low",
                expected.get("L"),
                "--high",
                expected.get("H"),
                "--layers",
                expected.get("C"),
                "--interval",
                expected.get("I"),
                "--threshold",
                expected.get("T"),
                "--rule",
                expected.get("rule").asText());

        assertThat(run.err()).isEmpty();
        assertThat(run.exitCode()).isZero();
        assertThat(accepted(run.json().get("steps"))).isEqualTo(accepted(expected.get("trace")));
        assertThat(run.json().get("layers")).isEqualTo(expected.get("layer_sources"));
        JsonNode config = mapper.readTree(target.resolve("config.json").toFile());
        expected.get("config_after").fields().forEachRemaining(entry -> assertThat(config.get(entry.getKey()))
                .as(entry.getKey())
                .isEqualTo(entry.getValue()));
    }

    private Path tokenIds(Path fixture) throws IOException {
        List<String> lines = new ArrayList<>();
        try (SafetensorsFile numbers = SafetensorsFile.open(fixture.resolve("expected.safetensors"))) {
            for (int i = 0; numbers.contains("input_ids." + i); i++) {
                try (INDArray ids = numbers.tensor("input_ids." + i).load()) {
                    lines.add("{\"input_ids\": " + Arrays.toString(ids.toIntVector()) + "}");
                }
            }
        }
        return Files.write(temporary.resolve(fixture.getFileName() + ".jsonl"), lines);
    }

    private static List<Boolean> accepted(JsonNode steps) {
        return StreamSupport.stream(steps.spliterator(), false)
                .map(step -> step.get("accepted").asBoolean())
                .toList();
    }
}
