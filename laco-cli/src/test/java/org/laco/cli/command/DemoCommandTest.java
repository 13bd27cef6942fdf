package org.laco.cli.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.laco.cli.Run;

class DemoCommandTest {
    @TempDir
    Path directory;

    @Test
    void showsWhatTransformersMeasuredToo() throws IOException {
        Path out = directory.resolve("demo");
        Run run = Run.laco("demo", out, "--json");
        assertThat(run.exitCode()).as(run.err()).isZero();
        JsonNode expected = new ObjectMapper().readTree(new File("../laco-examples/model/expected.json"));
        JsonNode row = StreamSupport.stream(expected.get("collapse").spliterator(), false)
                .filter(candidate -> candidate.get("rule").asText().equals("telescoped")
                        && candidate.get("C").asInt() == 3
                        && candidate.get("T").asDouble() == 0.9)
                .findFirst()
                .orElseThrow();
        assertThat(run.json().get("layersAfter")).isEqualTo(row.get("layers"));
        assertThat(run.json().get("layers"))
                .as("what the site's front page shows")
                .hasToString("[[0],[1],[2],[3],[4,5,6],[7],[8],[9,10,11]]");
        assertQuality(run.json().get("before"), expected.get("dense"));
        assertQuality(run.json().get("after"), row);
        assertThat(run.err())
                .contains("layers       12 -> 8 (-33.3 %)", "perplexity, held out        2.061      2.185")
                .contains("multiple choice            70.6 %     69.1 %");
        assertThat(Run.laco("inspect", out).out()).contains("layers       8\n", "tokenizer    tokenizer.json\n");
    }

    private static void assertQuality(JsonNode measured, JsonNode expected) {
        assertThat(measured.get("tokens").asLong())
                .isEqualTo(expected.get("tokens").asLong());
        assertThat(measured.get("meanNegativeLogLikelihood").asDouble())
                .isCloseTo(expected.get("mean_nll").asDouble(), within(2e-6));
        assertThat(measured.get("correct").asInt())
                .isEqualTo(expected.get("correct").asInt());
        assertThat(measured.get("accuracyPerToken").asDouble())
                .isCloseTo(expected.get("accuracy_per_token").asDouble(), within(5e-5));
        assertThat(measured.get("accuracyPerByte").asDouble())
                .isCloseTo(expected.get("accuracy_per_byte").asDouble(), within(5e-5));
        expected.get("accuracy_by_kind").fields().forEachRemaining(kind -> assertThat(
                        measured.get("accuracyByKind").get(kind.getKey()).asDouble())
                .as(kind.getKey())
                .isCloseTo(kind.getValue().asDouble(), within(5e-5)));
    }
}
