package org.laco.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.laco.examples.EmbeddedModel;

/** The script at the repository's root, with the jar that this build made. */
class LacoScriptIT {
    private static final Path SCRIPT = Path.of("..", "laco").toAbsolutePath().normalize();

    @TempDir
    Path directory;

    private Run script(Path javaHome, Object... args) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(SCRIPT.toString()));
        Stream.of(args).map(String::valueOf).forEach(command::add);
        Path out = directory.resolve("stdout");
        Path err = directory.resolve("stderr");
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile());
        Map<String, String> environment = builder.environment();
        environment.remove("JAVA_TOOL_OPTIONS");
        environment.put("JAVA_HOME", javaHome.toString());
        environment.put("LACO_SKIP_BUILD", "yes");
        Process process = builder.start();
        assertThat(process.waitFor(5, TimeUnit.MINUTES)).isTrue();
        return new Run(process.exitValue(), Files.readString(out), Files.readString(err));
    }

    private static Path javaHome() {
        return Path.of(System.getProperty("java.home"));
    }

    @Test
    void runsTheJar() throws IOException, InterruptedException {
        Run run = script(javaHome(), "--version");
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out()).startsWith("laco ");
        assertThat(run.err()).isEmpty();
    }

    @Test
    void collapsesAModelWhosePathHasSpacesAndKeepsStandardErrorClean() throws IOException, InterruptedException {
        EmbeddedModel embedded = EmbeddedModel.extractTo(directory);
        Files.move(embedded.model(), directory.resolve("a small model"));
        Files.write(
                directory.resolve("some sentences.txt"),
                Files.readAllLines(embedded.calibration()).subList(0, 3));
        Run run = script(
                javaHome(),
                "collapse",
                "a small model",
                "the result",
                "--calibration",
                "some sentences.txt",
                "--threshold",
                0.8,
                "--quiet",
                "--json");
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.err()).isEmpty();
        assertThat(run.json().get("layersBefore").asInt()).isEqualTo(12);
        assertThat(directory.resolve("the result/laco.json")).exists();
    }

    @Test
    void passesOnTheExitCode() throws IOException, InterruptedException {
        assertThat(script(javaHome(), "inspect", "nothing"))
                .isEqualTo(new Run(1, "", "laco: nothing is not a directory\n"));
    }

    @Test
    void namesTheJavaThatIsMissingOrTooOld() throws IOException, InterruptedException {
        Path empty = Files.createDirectory(directory.resolve("empty"));
        assertThat(script(empty, "--version"))
                .isEqualTo(new Run(1, "", "laco: JAVA_HOME is " + empty + ", but there is no bin/java in it\n"));
        assertThat(script(pretend("1.8.0_292"), "--version").err())
                .endsWith("bin/java is of version 8, but 17 or newer is needed\n");
        assertThat(script(pretend("11.0.2"), "--version").err())
                .endsWith("bin/java is of version 11, but 17 or newer is needed\n");
    }

    private Path pretend(String version) throws IOException {
        Path home = Files.createTempDirectory(directory, "jdk");
        Path java = Files.createDirectory(home.resolve("bin")).resolve("java");
        Files.writeString(java, "#!/bin/sh\necho 'openjdk version \"" + version + "\"' >&2\n");
        assertThat(java.toFile().setExecutable(true)).isTrue();
        return home;
    }
}
