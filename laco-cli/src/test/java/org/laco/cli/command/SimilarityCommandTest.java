package org.laco.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.laco.cli.Fixture;
import org.laco.cli.Run;
import org.laco.page.Xml;

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
    void marksTheRunsThatTheSearchWouldLeaveOut() throws IOException {
        Fixture llama = Fixture.named("llama");
        Path calibration = llama.writeCalibration(directory.resolve("calibration.jsonl"));
        Path out = directory.resolve("out");
        Run run = Run.laco("similarity", llama.model(), out, "--calibration", calibration, "-q");
        assertThat(run.exitCode()).as(run.err()).isZero();

        List<String> marked =
                Xml.elements(Xml.parse(Files.readString(out.resolve("angular-last.svg"))), "rect").stream()
                        .map(rect -> rect.getAttribute("data-cell"))
                        .filter(cell -> !cell.isEmpty())
                        .toList();
        assertThat(marked).hasSize(7);
        for (int removed = 1; removed <= 6; removed++) {
            Run collapse = Run.laco(
                    "collapse",
                    llama.model(),
                    "--no-write",
                    "--search",
                    "angular",
                    "--target-layers",
                    8 - removed,
                    "--calibration",
                    calibration,
                    "--json");
            JsonNode layers = collapse.json().get("layers");
            int base = 0;
            while (layers.get(base).size() == 1) {
                base++;
            }
            assertThat(marked).contains(layers.get(base).get(1) + "," + (removed - 1));
        }
        assertThat(Xml.parse(Files.readString(out.resolve("similarity.html")))).isNotNull();
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
