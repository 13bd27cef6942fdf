package org.laco.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.laco.cli.Fixture;
import org.laco.cli.Run;

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
}
