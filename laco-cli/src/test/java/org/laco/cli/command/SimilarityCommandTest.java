package org.laco.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.laco.cli.Fixture;
import org.laco.cli.Run;

class SimilarityCommandTest {
    @TempDir
    Path directory;

    @Test
    void writesTheTablesOfAModelOfOneLayer() throws IOException {
        Fixture llama = Fixture.named("llama");
        Path calibration = llama.writeCalibration(directory.resolve("calibration.jsonl"));
        Path plan = Files.writeString(directory.resolve("plan.json"), "{\"originalLayers\": 8, \"layers\": [0]}");
        Path one = directory.resolve("one");
        Run apply = Run.laco("apply", llama.model(), one, "--plan", plan, "--calibration", calibration, "-q");
        assertThat(apply.exitCode()).as(apply.err()).isZero();

        Path out = directory.resolve("out");
        Run run = Run.laco("similarity", one, out, "--calibration", calibration, "-q");

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(out.resolve("layers.csv")).exists();
        assertThat(out.resolve("similarity.html")).exists();
        assertThat(out.resolve("angular-last.svg")).exists();
        assertThat(out.resolve("parameters.csv")).hasContent("layer,layer 0\r\n0,1.0");
        assertThat(out.resolve("parameters.svg")).doesNotExist();
    }

    @Test
    void writesNothingIntoItsModel() throws IOException {
        Fixture llama = Fixture.named("llama");
        Path calibration = llama.writeCalibration(directory.resolve("calibration.jsonl"));
        Run run = Run.laco("similarity", llama.model(), llama.model(), "--calibration", calibration, "-q");
        assertThat(run)
                .isEqualTo(new Run(
                        1,
                        "",
                        "laco: " + llama.model() + " overlaps the input " + llama.model()
                                + ": choose a directory beside it\n"));
    }
}
