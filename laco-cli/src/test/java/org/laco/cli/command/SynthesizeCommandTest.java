package org.laco.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.laco.cli.Run;

class SynthesizeCommandTest {
    @TempDir
    Path directory;

    @Test
    void writesACheckpointOfAShape() throws IOException {
        Path out = directory.resolve("out");
        Run run = Run.laco("synthesize", out, "--like", "tiny", "--layers", 3, "--dtype", "f32", "--seed", 5);
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out()).startsWith("written " + out + ", ");
        JsonNode inspected = Run.laco("inspect", out, "--json").json();
        assertThat(inspected.get("layers").asInt()).isEqualTo(3);
        assertThat(inspected.toString()).contains("\"F32\"").doesNotContain("\"BF16\"");
    }

    @Test
    void refusesAShapeThatItDoesntKnow() {
        Run run = Run.laco("synthesize", directory.resolve("out"), "--like", "gpt");
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err())
                .startsWith("laco: unknown shape gpt, expected one of tiny, smollm2-135m, llama-2-7b, llama-2-13b\n");
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void refusesAModelWithoutLayers() {
        Run run = Run.laco("synthesize", directory.resolve("out"), "--like", "tiny", "--layers", 0);
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).startsWith("laco: a model has at least 1 layer, not 0\n");
    }
}
