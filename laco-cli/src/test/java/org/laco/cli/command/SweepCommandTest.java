package org.laco.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.laco.cli.Fixture;
import org.laco.cli.Run;
import org.laco.cli.TinyCheckpoint;

class SweepCommandTest {
    @TempDir
    Path directory;

    private Run sweep(String option, String value) {
        return Run.laco(
                "sweep",
                Fixture.named("gpt2").model(),
                directory.resolve("out"),
                option,
                value,
                "--searches",
                "last",
                "-q");
    }

    @ParameterizedTest
    @ValueSource(strings = {"NaN", "0", "-0.1", "1", "1.5", "Infinity", "0.1,NaN"})
    void refusesSharesThatAreNoneBeforeAnythingIsOpened(String ratios) {
        Run run = sweep("--ratios", ratios);
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).startsWith("laco: --ratios needs shares above 0 and below 1, not ");
        assertThat(directory.resolve("out")).doesNotExist();
    }

    @ParameterizedTest
    @CsvSource({"0.01,no layer", "0.99,all of them"})
    void namesAShareThatRoundsToNothing(String ratio, String rounded) {
        Run run = sweep("--ratios", ratio);
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).matches("laco: --ratios " + ratio + " of the model's \\d+ layers is " + rounded + "\\R");
        assertThat(directory.resolve("out")).doesNotExist();
    }

    @Test
    void refusesNumbersOfLayersThatNoResultCanHave() {
        assertThat(sweep("--layers", "0").err()).startsWith("laco: --layers needs at least 1 layer, not 0");
        assertThat(sweep("--layers", "100").err())
                .startsWith("laco: --layers 100 leaves nothing to remove of the model's ");
        assertThat(directory.resolve("out")).doesNotExist();
    }

    private Run sweepWithOneText(Path model, Path out) throws IOException {
        Path text = Files.writeString(directory.resolve("text.txt"), "A cow eats grass.\nThe clock is white.\n");
        return Run.laco("sweep", model, out, "--layers", 7, "--searches", "last", "--per-line", "--text", text, "-q");
    }

    @Test
    void goesOnOnlyWithTheModelThatItBeganWith() throws IOException {
        TinyCheckpoint first = TinyCheckpoint.copy("gpt2", directory.resolve("a/model"));
        TinyCheckpoint second = TinyCheckpoint.copy("gpt2", directory.resolve("b/model"));
        byte[] weights = Files.readAllBytes(second.weights());
        weights[weights.length - 1] ^= 1;
        Files.write(second.weights(), weights);
        Path out = directory.resolve("out");

        Run run = sweepWithOneText(first.directory(), out);
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(sweepWithOneText(first.directory(), out).exitCode()).isZero();
        Run other = sweepWithOneText(second.directory(), out);
        assertThat(other.exitCode()).isEqualTo(1);
        assertThat(other.err())
                .matches("laco: " + out
                        + " holds a sweep with model model \\(sha256 \\w{12}\\), not model \\(sha256 \\w{12}\\):"
                        + " give another directory\\R");
    }

    @Test
    void namesAPointThatIsDamaged() throws IOException {
        TinyCheckpoint model = TinyCheckpoint.copy("gpt2", directory.resolve("model"));
        Path out = directory.resolve("out");
        assertThat(sweepWithOneText(model.directory(), out).exitCode()).isZero();
        for (String name : new String[] {"points/last-7.json", "settings.json"}) {
            Path damaged = Files.writeString(out.resolve(name), "");
            assertThat(sweepWithOneText(model.directory(), out))
                    .isEqualTo(new Run(
                            1,
                            "",
                            "laco: " + damaged
                                    + " is not what a sweep wrote there: remove it to have it made again, or give another"
                                    + " directory\n"));
            Files.delete(damaged);
        }
    }

    @Test
    void writesNothingIntoItsModel() throws IOException {
        TinyCheckpoint model = TinyCheckpoint.copy("gpt2", directory.resolve("model"));
        Run run = sweepWithOneText(model.directory(), model.directory().resolve("out"));
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).contains("overlaps the input");
        assertThat(model.directory().resolve("out")).doesNotExist();
    }
}
