package org.laco.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The options of a run in a YAML file. */
class OptionFileTest {
    @TempDir
    Path directory;

    private TinyCheckpoint checkpoint;

    @BeforeEach
    void copy() throws IOException {
        checkpoint = TinyCheckpoint.copyTo(directory.resolve("model"));
    }

    private Path options(String content) throws IOException {
        return Files.writeString(directory.resolve("laco.yaml"), content);
    }

    private String search() throws IOException {
        return "calibration: " + checkpoint.calibration()
                + "\ntarget-layers: 6\nsearch: last\nno-write: true\njson: true\n";
    }

    @Test
    void areAddedToThoseOfTheCommandLine() throws IOException {
        Run run = Run.laco("collapse", "--config", options(search()), checkpoint.directory());
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.json().get("layers")).hasSize(6);
    }

    @Test
    void giveWayToThoseOfTheCommandLine() throws IOException {
        Run run = Run.laco("collapse", checkpoint.directory(), "--target-layers=5", "--config=" + options(search()));
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.json().get("layers")).hasSize(5);
    }

    @Test
    void giveAnOptionOnceForEachEntryOfAList() throws IOException {
        CommandLine laco =
                Laco.commandLine(new PrintWriter(System.out), new PrintWriter(System.err), Run.surroundings());
        String file = options("text: [a.txt, b.txt]\nlayers: 24\nper-line: true\nquiet: false\n")
                .toString();
        assertThat(OptionFile.expand(laco, "sweep", "model", "--config", file, "out"))
                .containsExactly(
                        "sweep",
                        "--text=a.txt",
                        "--text=b.txt",
                        "--layers=24",
                        "--per-line",
                        "model",
                        "--config",
                        file,
                        "out");
    }

    @Test
    void leaveOutWhatIsFalse() throws IOException {
        Run run = Run.laco("inspect", "--config", options("json: false"), checkpoint.directory());
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out())
                .isEqualTo(Run.laco("inspect", checkpoint.directory()).out());
    }

    @Test
    void nameAMisspeltOne() throws IOException {
        Run run = Run.laco("collapse", "--config", options("treshold: 0.5"), "a", "b");
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).endsWith("laco.yaml: collapse has no option 'treshold': did you mean 'threshold'?\n");
    }

    @Test
    void areRefusedWhereTheyAreNoYaml() throws IOException {
        assertThat(Run.laco("inspect", "--config", options("json: [true"), "a").err())
                .startsWith("laco: ")
                .contains("laco.yaml: no valid YAML, line ");
        assertThat(Run.laco("inspect", "--config", options("json: true\njson: false\n"), "a")
                        .err())
                .contains("laco.yaml: no valid YAML, line 2: ");
        assertThat(Run.laco("inspect", "--config", options("- json"), "a").err())
                .endsWith("laco.yaml: expected lines such as target-layers: 24\n");
        assertThat(Run.laco("inspect", "--config", options("json: 3"), "a").err())
                .endsWith("laco.yaml: json is 3, expected true or false\n");
    }
}
