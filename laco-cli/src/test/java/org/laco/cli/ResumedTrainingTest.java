package org.laco.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.laco.examples.EmbeddedModel;

/** A training whose process is killed goes on where it was, and writes what one writes that wasn't. */
class ResumedTrainingTest {
    @TempDir
    Path directory;

    private EmbeddedModel embedded;
    private Path out;
    private Path kept;

    @BeforeEach
    void prepare() throws IOException {
        embedded = EmbeddedModel.extractTo(directory);
        out = directory.resolve("out");
        kept = directory.resolve(".out.laco-training");
    }

    private Object[] collapse(Path target, Object... more) {
        return Stream.concat(
                        Stream.of(
                                "collapse",
                                embedded.model(),
                                target,
                                "--search",
                                "last",
                                "--target-layers",
                                8,
                                "--calibration",
                                embedded.calibration(),
                                "--heal-text",
                                embedded.calibration(),
                                "--heal-per-line",
                                "--heal-tokens",
                                2000,
                                "--heal-window",
                                32,
                                "--heal-batch",
                                2,
                                "--heal-train",
                                "last-2",
                                "--heal-validations",
                                20),
                        Stream.of(more))
                .toArray();
    }

    @Test
    void writesTheSameBytesAsOneThatWasNotKilled() throws IOException, InterruptedException {
        Path undisturbed = directory.resolve("undisturbed");
        Run whole = Run.laco(collapse(undisturbed, "--json"));
        assertThat(whole.exitCode()).as(whole.err()).isZero();
        assertThat(whole.json().get("training").get("lossAfter").asDouble())
                .isLessThan(whole.json().get("training").get("lossBefore").asDouble());

        ChildJvm.kill(() -> Files.exists(kept), directory, collapse(out));
        assertThat(out).as(Files.readString(directory.resolve("stderr"))).doesNotExist();
        assertThat(kept).exists();
        Run refused = Run.laco(collapse(out));
        assertThat(refused.exitCode()).isEqualTo(1);
        assertThat(refused.err()).contains("was cut off").endsWith("; --resume goes on with it, --force begins anew\n");

        Run resumed = Run.laco(collapse(out, "--resume"));
        assertThat(resumed.exitCode()).as(resumed.err()).isZero();
        assertThat(resumed.out()).contains("resuming the training that ");
        assertThat(TinyCheckpoint.hashes(out)).isEqualTo(TinyCheckpoint.hashes(undisturbed));
        try (Stream<Path> files = Files.list(directory)) {
            assertThat(files.map(file -> file.getFileName().toString())).noneMatch(name -> name.startsWith("."));
        }
    }
}
