package org.laco.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.base.Splitter;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.laco.examples.EmbeddedModel;
import org.nd4j.linalg.factory.Nd4j;

/** The command line as a process of its own. */
class ProcessTest {
    private static final int SIGINT = 2;
    private static final int SIGTERM = 15;

    @TempDir
    Path directory;

    private Run run(List<String> command) throws IOException, InterruptedException {
        Path out = directory.resolve("stdout");
        Path err = directory.resolve("stderr");
        Process process = ChildJvm.start(command, out, err);
        assertThat(process.waitFor(5, TimeUnit.MINUTES)).isTrue();
        return new Run(process.exitValue(), Files.readString(out), Files.readString(err));
    }

    @Test
    void printsNothingButJsonOnStandardOutput() throws IOException, InterruptedException {
        TinyCheckpoint checkpoint = TinyCheckpoint.copyTo(directory.resolve("model"));
        Run run = run(ChildJvm.command(
                ChildJvm.classPath(),
                "collapse",
                checkpoint.directory(),
                directory.resolve("out"),
                "--calibration",
                checkpoint.calibration(),
                "--quiet",
                "--json"));
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.err()).isEmpty();
        assertThat(run.json().get("layersBefore").asInt()).isEqualTo(8);
    }

    private static String classPathWithout(String part) {
        return Splitter.on(File.pathSeparator)
                .splitToStream(ChildJvm.classPath())
                .filter(entry -> !Path.of(entry).getFileName().toString().matches(part))
                .collect(Collectors.joining(File.pathSeparator));
    }

    @Test
    void inspectsWithoutStartingNd4j() throws IOException, InterruptedException {
        TinyCheckpoint checkpoint = TinyCheckpoint.copyTo(directory.resolve("model"));
        Run inspected =
                run(ChildJvm.command(classPathWithout("(nd4j-native|openblas).*"), "inspect", checkpoint.directory()));
        assertThat(inspected.exitCode()).as(inspected.err()).isZero();
        assertThat(inspected.out()).contains("layers       8\n");
    }

    /** Without a backend, without its native libraries, and without those beneath it. */
    @ParameterizedTest
    @CsvSource({
        "(nd4j-native|openblas).*, no ND4J backend is on the class path",
        "nd4j-native-.*x86_64.*, the ND4J backend on the class path can't be loaded",
        "openblas-.*x86_64.*, the ND4J backend on the class path can't be loaded",
    })
    void namesTheCoordinatesOfAForgottenBackendInOneLine(String forgotten, String said)
            throws IOException, InterruptedException {
        TinyCheckpoint checkpoint = TinyCheckpoint.copyTo(directory.resolve("model"));
        Run collapsed = run(ChildJvm.command(
                classPathWithout(forgotten),
                "collapse",
                checkpoint.directory(),
                directory.resolve("out"),
                "--quiet",
                "--calibration",
                checkpoint.calibration()));
        assertThat(collapsed.exitCode()).isEqualTo(1);
        assertThat(collapsed.err().lines().filter(line -> line.startsWith("laco: ")))
                .singleElement()
                .asString()
                .contains(said, "org.nd4j:nd4j-native", "org.bytedeco:openblas", "laco-bom");
        assertThat(collapsed.err()).doesNotContain("\tat ");
        assertThat(directory.resolve("out")).doesNotExist();
    }

    @Test
    void leavesOnlyTheJournalBehindWhenASignalEndsIt() throws IOException, InterruptedException {
        EmbeddedModel embedded = EmbeddedModel.extractTo(directory);
        Path parent = Files.createDirectory(directory.resolve("parent"));
        Path out = directory.resolve("stdout");
        Path err = directory.resolve("stderr");
        Process process = ChildJvm.start(
                ChildJvm.command(
                        ChildJvm.classPath(),
                        "collapse",
                        embedded.model(),
                        parent.resolve("out"),
                        "--calibration",
                        embedded.heldOut()),
                out,
                err);
        while (process.isAlive() && !Files.readString(out).contains(" merged")) {
            Thread.sleep(20);
        }
        int signal = ignoresInterrupts() ? SIGTERM : SIGINT;
        new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid()))
                .start()
                .waitFor();
        assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
        assertThat(process.exitValue()).isEqualTo(128 + signal);
        assertThat(Files.readString(err))
                .containsPattern(
                        "laco: the search was interrupted after [1-9]\\d* steps, nothing was written; --resume goes on after the "
                                + "([1-9]\\d* scores that are|one score that is) kept\n");
        assertThat(parent.toFile().list()).containsExactly(".out.laco-journal");
    }

    /** Tells whether this process was started with SIGINT ignored, as in the background of a script; its children are too. */
    private static boolean ignoresInterrupts() throws IOException {
        Path status = Path.of("/proc/self/status");
        if (!Files.exists(status)) {
            return false;
        }
        try (Stream<String> lines = Files.lines(status)) {
            return lines.filter(line -> line.startsWith("SigIgn:"))
                    .mapToLong(line -> Long.parseUnsignedLong(line.substring(7).trim(), 16))
                    .anyMatch(mask -> (mask >> (SIGINT - 1) & 1) == 1);
        }
    }

    @Test
    void leavesOnlyTheJournalBehindWhenWritingFails() throws IOException, InterruptedException {
        // The backend's libraries are unpacked once; that must not be what fails.
        Nd4j.zeros(1).close();
        EmbeddedModel embedded = EmbeddedModel.extractTo(directory);
        Path calibration = Files.writeString(directory.resolve("ids.jsonl"), "{\"input_ids\": [0, 429, 311]}");
        Path parent = Files.createDirectory(directory.resolve("parent"));
        String command = ChildJvm.command(
                        ChildJvm.classPath(),
                        "collapse",
                        embedded.model(),
                        parent.resolve("out"),
                        "--quiet",
                        "--calibration",
                        calibration)
                .stream()
                .map(argument -> "'" + argument + "'")
                .collect(Collectors.joining(" "));
        Run run = run(List.of("sh", "-c", "ulimit -f 1000; exec " + command));
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err())
                .matches(
                        "laco: \\Q" + parent.resolve("out")
                                + "\\E can't be written: File too large; --resume goes on after the [1-9]\\d* scores that are kept\n");
        assertThat(parent.toFile().list()).containsExactly(".out.laco-journal");
    }

    @Test
    void refusesADiskThatIsTooSmall() throws IOException, InterruptedException {
        TinyCheckpoint checkpoint = TinyCheckpoint.copyTo(directory.resolve("model"));
        long bytes = Files.getFileStore(directory).getUsableSpace() + 1_000_000_000L;
        checkpoint.appendSparse("ballast.weight", bytes);
        Run run = run(ChildJvm.command(
                ChildJvm.classPath(),
                "collapse",
                checkpoint.directory(),
                directory.resolve("out"),
                "--quiet",
                "--calibration",
                checkpoint.calibration()));
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err())
                .matches("laco: " + directory.resolve("out")
                        + " needs [\\d,]+ bytes, but its disk has [\\d,]+ bytes free; --resume goes on after the "
                        + "[1-9]\\d* scores that are kept\n");
        assertThat(directory.resolve("out")).doesNotExist();
    }
}
