package org.laco.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.hash.Hashing;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Texts from standard input, which a dash stands for. */
class StandardInputTest {
    private static final String SEQUENCES = "{\"input_ids\": [1, 17, 200, 5, 9]}\n{\"input_ids\": [1, 44, 45]}\n";

    @TempDir
    Path directory;

    private TinyCheckpoint checkpoint;

    @BeforeEach
    void copy() throws IOException {
        checkpoint = TinyCheckpoint.copyTo(directory.resolve("model"));
    }

    private static InputStream input(String content) {
        return new ByteArrayInputStream(content.getBytes(StandardCharsets.UTF_8));
    }

    private Object[] collapse(Object calibration, Object... more) {
        return Stream.concat(
                        Stream.of("collapse", checkpoint.directory(), directory.resolve("out"), "--target-layers", 6),
                        Stream.concat(Stream.of("--search", "last", "--calibration", calibration), Stream.of(more)))
                .toArray();
    }

    @Test
    void isACalibrationLikeAFile() throws IOException {
        Set<Path> before = kept();
        Run run = Run.reading(input(SEQUENCES), collapse("-"));
        assertThat(run.exitCode()).as(run.err()).isZero();
        var hashes = TinyCheckpoint.hashes(directory.resolve("out"));
        Run again = Run.laco(collapse(checkpoint.calibration(SEQUENCES), "--force"));
        assertThat(again.exitCode()).as(again.err()).isZero();
        assertThat(TinyCheckpoint.hashes(directory.resolve("out"))).isEqualTo(hashes);
        assertThat(kept()).isEqualTo(before);
    }

    /** What is in the directory for temporary files of laco's. */
    private static Set<Path> kept() throws IOException {
        return kept(Path.of(System.getProperty("java.io.tmpdir")));
    }

    private static Set<Path> kept(Path temporary) throws IOException {
        try (Stream<Path> files = Files.list(temporary)) {
            return files.filter(file -> Files.exists(file.resolve("standard input")))
                    .collect(Collectors.toSet());
        }
    }

    @Test
    void isRecordedByItsNameAndHash() throws IOException {
        Run run = Run.reading(
                input(SEQUENCES.repeat(3)),
                "heal",
                checkpoint.directory(),
                "--no-write",
                "--json",
                "--text",
                "-",
                "--per-line",
                "--loss",
                "next-token",
                "--train",
                "last-1",
                "--tokens",
                64,
                "--calibration",
                checkpoint.calibration());
        assertThat(run.exitCode()).as(run.err()).isZero();
        JsonNode text = run.json().get("training").get("text");
        assertThat(text.get("file").textValue()).isEqualTo("standard input");
        assertThat(text.get("sha256").textValue())
                .isEqualTo(Hashing.sha256()
                        .hashString(SEQUENCES.repeat(3), StandardCharsets.UTF_8)
                        .toString());
    }

    @Test
    void mayBeTheSameTextForSeveralOptions() {
        Run run = Run.reading(
                input(SEQUENCES.repeat(100)), collapse("-", "--refit-text", "-", "--refit-per-line", "--no-write"));
        assertThat(run.exitCode()).as(run.err()).isZero();
    }

    @Test
    void isCalledByItsNameInErrors() {
        Run run = Run.reading(input("{\"input_ids\": [1, 2]}\n{\"input_ids\": [1, 2.5]}\n"), collapse("-"));
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).isEqualTo("laco: standard input, line 2: 2.5 is not a token id\n");
        assertThat(Run.reading(input(""), collapse("-")).err())
                .isEqualTo("laco: standard input: the calibration is empty: it needs at least one sequence\n");
    }

    @Test
    void isNotReadForACommandThatIsRefusedOrHelps() throws IOException {
        Set<Path> before = kept();
        InputStream never = new InputStream() {
            @Override
            public int read() {
                throw new AssertionError("nobody asked for it");
            }
        };
        assertThat(Run.reading(never, collapse("-", "--treshold", 0.5)).exitCode())
                .isEqualTo(2);
        assertThat(Run.reading(never, collapse("-", "--help")).exitCode()).isZero();
        assertThat(Run.reading(never, "inspect", checkpoint.directory()).exitCode())
                .isZero();
        assertThat(kept()).isEqualTo(before);
    }

    @Test
    void isNotWaitedForAfterASignal() throws IOException, InterruptedException {
        Path temporary = Files.createDirectory(directory.resolve("temporary"));
        List<String> command = ChildJvm.command(ChildJvm.classPath(), collapse("-"));
        command.add(1, "-Djava.io.tmpdir=" + temporary);
        Path err = directory.resolve("stderr");
        Process process = ChildJvm.start(command, directory.resolve("stdout"), err);
        try {
            while (process.isAlive() && kept(temporary).isEmpty()) {
                Thread.sleep(10);
            }
            process.destroy();
            assertThat(process.waitFor(5, TimeUnit.MINUTES)).isTrue();
        } finally {
            process.destroyForcibly();
        }
        assertThat(Files.readString(err)).isEqualTo("laco: interrupted\n");
        assertThat(kept(temporary)).isEmpty();
    }

    @Test
    void isRefusedIfItDoesNotEnd() {
        InputStream endless = new InputStream() {
            @Override
            public int read() {
                return 'x';
            }

            @Override
            public int read(byte[] bytes, int offset, int count) {
                return count;
            }
        };
        Run run = Run.reading(endless, collapse("-"));
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err())
                .isEqualTo("laco: standard input has more, expected at most 128,000,000 bytes of a text\n");
    }
}
