package org.laco.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Collapses a checkpoint of every family from the command line, and holds the decisions against those that transformers leads to. */
class FixturesThroughTheCommandLineTest {
    private final ObjectMapper mapper = new ObjectMapper();

    @TempDir
    private Path temporary;

    @TestFactory
    Stream<DynamicTest> collapsesEveryFamily() throws IOException {
        return Fixture.all().stream().map(fixture -> dynamicTest(fixture.name(), () -> collapse(fixture)));
    }

    private void collapse(Fixture fixture) throws IOException {
        JsonNode content =
                mapper.readTree(fixture.directory().resolve("collapse.json").toFile());
        JsonNode expected = content.get("cases").get(0);
        Path target = temporary.resolve(fixture.name());

        Run run = Run.laco(
                "collapse",
                fixture.model(),
                target,
                "--json",
                "--quiet",
                "--calibration",
                fixture.writeCalibration(temporary.resolve(fixture.name() + ".jsonl")),
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
        JsonNode whole = mapper.readTree(target.resolve("config.json").toFile());
        JsonNode config = content.has("config_section")
                ? whole.get(content.get("config_section").asText())
                : whole;
        expected.get("config_after").fields().forEachRemaining(entry -> assertThat(config.get(entry.getKey()))
                .as(entry.getKey())
                .isEqualTo(entry.getValue()));
    }

    private static List<Boolean> accepted(JsonNode steps) {
        return StreamSupport.stream(steps.spliterator(), false)
                .map(step -> step.get("accepted").asBoolean())
                .toList();
    }
}
