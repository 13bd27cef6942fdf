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

/** A search whose process is killed goes on where it was, and writes what one writes that wasn't. */
class ResumedSearchTest {
    @TempDir
    Path directory;

    private EmbeddedModel embedded;
    private Path out;
    private Path journal;

    @BeforeEach
    void prepare() throws IOException {
        embedded = EmbeddedModel.extractTo(directory);
        out = directory.resolve("out");
        journal = directory.resolve(".out.laco-journal");
    }

    private Object[] collapse(Path target, Object... more) {
        return Stream.concat(
                        Stream.of(
                                "collapse",
                                embedded.model(),
                                target,
                                "--search",
                                "greedy",
                                "--target-layers",
                                8,
                                "--calibration",
                                embedded.calibration()),
                        Stream.of(more))
                .toArray();
    }

    private void killAfter(int lines, Object... more) throws IOException, InterruptedException {
        ChildJvm.kill(() -> lines() >= lines, directory, collapse(out, more));
        assertThat(out).as(Files.readString(directory.resolve("stderr"))).doesNotExist();
        assertThat(lines()).isGreaterThanOrEqualTo(lines);
    }

    private long lines() throws IOException {
        if (!Files.exists(journal)) {
            return 0;
        }
        try (Stream<String> lines = Files.lines(journal)) {
            return lines.count();
        }
    }

    @Test
    void writesTheSameBytesAsOneThatWasNotKilled() throws IOException, InterruptedException {
        Path undisturbed = directory.resolve("undisturbed");
        assertThat(Run.laco(collapse(undisturbed)).exitCode()).isZero();
        assertThat(directory.resolve(".undisturbed.laco-journal")).doesNotExist();
        killAfter(3);
        killAfter(6, "--resume");

        Run resumed = Run.laco(collapse(out, "--resume"));

        assertThat(resumed.exitCode()).as(resumed.err()).isZero();
        assertThat(resumed.out()).containsPattern("resuming after \\d\\d+ scores\n");
        assertThat(TinyCheckpoint.hashes(out)).isEqualTo(TinyCheckpoint.hashes(undisturbed));
        assertThat(journal).doesNotExist();
    }

    @Test
    void isNotBegunAnewByAccident() throws IOException, InterruptedException {
        killAfter(3);
        Run again = Run.laco(collapse(out));
        assertThat(again.exitCode()).isEqualTo(1);
        assertThat(again.err())
                .containsPattern("laco: a search to \\S+ was cut off after \\d+ scores, which \\S+ holds: resume it, "
                        + "or remove that file to begin anew; --resume goes on with it, --force begins anew\n");
        Run other = Run.laco(collapse(out, "--resume", "--rule", "mean"));
        assertThat(other.exitCode()).isEqualTo(1);
        assertThat(other.err())
                .containsPattern("laco: \\S+ is the journal of another search: rule is \"mean\" now and was \"\\S+\"");
        assertThat(out).doesNotExist();

        Run anew = Run.laco(collapse(out, "--force"));
        assertThat(anew.exitCode()).as(anew.err()).isZero();
        assertThat(journal).doesNotExist();
    }

    @Test
    void keepsNothingOfASearchThatWouldFailAgain() throws IOException {
        Run run = Run.laco(
                "collapse",
                embedded.model(),
                out,
                "--search",
                "runs",
                "--target-layers",
                1,
                "--low",
                1,
                "--calibration",
                Files.writeString(directory.resolve("ids.jsonl"), "{\"input_ids\": [0, 429, 311]}"));
        assertThat(run.exitCode()).isPositive();
        assertThat(journal).doesNotExist();
    }

    @Test
    void keepsNothingWhereNothingIsWritten() throws IOException {
        Run run = Run.laco(collapse(out, "--no-write"));
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(journal).doesNotExist();
        Run resumed = Run.laco(collapse(out, "--no-write", "--resume"));
        assertThat(resumed.exitCode()).isEqualTo(2);
        assertThat(resumed.err())
                .startsWith("laco: --resume goes on with what is kept beside OUT: leave --no-write out\n");
    }
}
