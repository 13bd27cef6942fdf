package org.laco.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.laco.examples.EmbeddedModel;
import org.laco.io.CollapseRecord;

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

    private Run shell(Map<String, String> variables, String command, Object... args)
            throws IOException, InterruptedException {
        List<String> line = new ArrayList<>(List.of("sh", "-c", command, "sh"));
        Stream.of(args).map(String::valueOf).forEach(line::add);
        Path out = directory.resolve("stdout");
        Path err = directory.resolve("stderr");
        ProcessBuilder builder = new ProcessBuilder(line)
                .directory(directory.toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile());
        builder.environment().remove("JAVA_TOOL_OPTIONS");
        builder.environment().put("JAVA_HOME", javaHome().toString());
        builder.environment().put("LACO_SKIP_BUILD", "yes");
        builder.environment().putAll(variables);
        Process process = builder.start();
        assertThat(process.waitFor(5, TimeUnit.MINUTES)).isTrue();
        return new Run(process.exitValue(), Files.readString(out), Files.readString(err));
    }

    @Test
    void runsFromBelowADirectoryWithASpaceAndThroughALink() throws IOException, InterruptedException {
        Path tools = Files.createDirectory(directory.resolve("my tools"));
        Files.copy(SCRIPT, tools.resolve("laco"), StandardCopyOption.COPY_ATTRIBUTES);
        for (String module : List.of("laco-cli", "laco-examples")) {
            Files.createSymbolicLink(tools.resolve(module), SCRIPT.resolveSibling(module));
        }
        Path link = Files.createSymbolicLink(directory.resolve("link"), tools.resolve("laco"));
        for (Path script : List.of(tools.resolve("laco"), link)) {
            Run run = shell(Map.of(), "\"$1\" families", script);
            assertThat(run.exitCode()).as(run.err()).isZero();
            assertThat(run.out()).contains("Llama");
        }
    }

    /** As it lies in a distribution: no sources, no Maven, and nothing beside it that can be written. */
    @Test
    void runsUnpackedWithoutMaven() throws IOException, InterruptedException {
        Path unpacked = Files.createDirectory(directory.resolve("laco-1"));
        Path script = Files.createDirectory(unpacked.resolve("bin")).resolve("laco");
        Files.copy(SCRIPT, script, StandardCopyOption.COPY_ATTRIBUTES);
        Path built = SCRIPT.resolveSibling("laco-cli").resolve("target");
        // Earlier versions' jars may lie beside it.
        String jar = "laco-cli-" + CollapseRecord.version() + ".jar";
        Files.copy(built.resolve(jar), unpacked.resolve(jar));
        Files.createSymbolicLink(unpacked.resolve("lib"), built.resolve("lib"));
        Files.createSymbolicLink(unpacked.resolve("model"), SCRIPT.resolveSibling("laco-examples/model/model"));
        Path cache = directory.resolve("cache");
        TinyCheckpoint checkpoint = TinyCheckpoint.copyTo(directory.resolve("model"));
        String command =
                "unset LACO_SKIP_BUILD; PATH=/usr/bin:/bin; mvn() { echo mvn was called; exit 3; }; \"$1\" collapse \"$2\" \"$3\" --layers 2"
                        + " --calibration \"$4\"";
        Run run = shell(
                Map.of("LACO_CACHE", cache.toString()),
                command,
                script,
                checkpoint.directory(),
                directory.resolve("out"),
                checkpoint.calibration());
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(directory.resolve("out/model.safetensors")).exists();
        try (Stream<Path> kept = Files.list(cache)) {
            assertThat(kept.map(path -> path.getFileName().toString()))
                    .as("the archive of classes")
                    .anyMatch(name -> name.matches(".*-laco-\\d+\\.(jsa|aot)"));
        }
        assertThat(run(script)).isEqualTo(run(SCRIPT));
    }

    private Run run(Path script) throws IOException, InterruptedException {
        return shell(Map.of(), "\"$1\" families", script);
    }

    @Test
    void leavesTheChoiceOfACollectorToWhoeverMadeIt() throws IOException, InterruptedException {
        for (String variable : List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "LACO_JAVA_OPTS")) {
            Run run = shell(Map.of(variable, "-XX:+UseG1GC"), "\"$1\" families", SCRIPT);
            assertThat(run.exitCode()).as(run.out() + run.err()).isZero();
        }
    }

    @Test
    void beginsWithASmallHeapUnlessWhoeverMadeItSaysHowLarge() throws IOException, InterruptedException {
        assertThat(initialHeap(Map.of())).isEqualTo(32L << 20);
        for (String variable : List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "LACO_JAVA_OPTS")) {
            assertThat(initialHeap(Map.of(variable, "-Xms64m"))).as(variable).isEqualTo(64L << 20);
        }
        assertThat(initialHeap(Map.of("LACO_JAVA_OPTS", "-Xmx28m"))).isLessThanOrEqualTo(28L << 20);
    }

    private long initialHeap(Map<String, String> environment) throws IOException, InterruptedException {
        String command = "LACO_JAVA_OPTS=\"${LACO_JAVA_OPTS:-} -XX:+PrintFlagsFinal\" \"$1\" families";
        Run run = shell(environment, command, SCRIPT);
        assertThat(run.exitCode()).as(run.err()).isZero();
        Matcher flag = Pattern.compile(" InitialHeapSize += (\\d+)").matcher(run.err());
        assertThat(flag.find()).as(run.err()).isTrue();
        return Long.parseLong(flag.group(1));
    }

    @Test
    void keepsTheVirtualMachinesWordsOffStandardOutput() throws IOException, InterruptedException {
        TinyCheckpoint checkpoint = TinyCheckpoint.copyTo(directory.resolve("model"));
        Run run = shell(
                Map.of("JAVA_TOOL_OPTIONS", "-Xlog:gc"),
                "\"$1\" inspect \"$2\" --json",
                SCRIPT,
                checkpoint.directory());
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.json().get("layers").asInt()).isEqualTo(8);
    }

    @Test
    void readsNamesThatTheLocaleKnowsNothingOf() throws IOException, InterruptedException {
        TinyCheckpoint.copyTo(directory.resolve("model"));
        for (String locale : List.of("C", "POSIX", "")) {
            Run run = shell(
                    Map.of("LC_ALL", locale, "LANG", ""),
                    "rm -rf mod*les && cp -r model \"$(printf 'mod\\303\\250les')\" && \"$1\" inspect mod*les",
                    SCRIPT);
            assertThat(run.exitCode()).as(run.err()).isZero();
        }
    }

    @Test
    void saysThatStandardOutputCannotBeWritten() throws IOException, InterruptedException {
        Run full = shell(Map.of("LC_ALL", "C"), "\"$1\" families >/dev/full", SCRIPT);
        assertThat(full).isEqualTo(new Run(1, "", "laco: standard output can't be written: No space left on device\n"));
        Run closed = shell(Map.of(), "\"$1\" families >&-", SCRIPT);
        assertThat(closed).isEqualTo(new Run(1, "", "laco: standard output can't be written: it is closed\n"));
    }

    @Test
    void keepsItsCachesInADirectoryOfTheUsersOwnWhereThereIsNoHome() throws IOException, InterruptedException {
        Path temporary = Files.createDirectory(directory.resolve("tmp"));
        Path file = Files.writeString(directory.resolve("file"), "");
        Map<String, String> homeless = Map.of("HOME", file.resolve("home").toString(), "TMPDIR", temporary.toString());
        Run run = shell(homeless, "unset XDG_CACHE_HOME LACO_CACHE; \"$1\" families", SCRIPT);
        assertThat(run.exitCode()).as(run.err()).isZero();
        Path cache;
        try (Stream<Path> made = Files.list(temporary)) {
            cache = made.filter(path -> path.getFileName().toString().startsWith("laco-"))
                    .findFirst()
                    .orElseThrow();
        }
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(cache)))
                .isEqualTo("rwx------");

        Files.delete(cache);
        Files.createSymbolicLink(cache, directory);
        Run planted = shell(homeless, "unset XDG_CACHE_HOME LACO_CACHE; \"$1\" families", SCRIPT);
        assertThat(planted.exitCode()).isEqualTo(1);
        assertThat(planted.err()).endsWith("nobody else's: set LACO_CACHE to one\n");
    }

    /** The terminal is one that script, a tool of most systems, pretends. */
    @Test
    void coloursHelpAtATerminalOnlyAndNotForThoseWhoSaySo() throws IOException, InterruptedException {
        String terminal = "script -qec \"$1 families --help\" /dev/null </dev/null";
        assumeTrue(shell(Map.of(), "script --version").exitCode() == 0, "there is no script");
        Map<String, String> plain = Map.of("TERM", "xterm");
        String escape = "\u001b[";

        assertThat(shell(plain, terminal, SCRIPT).out()).contains("laco families", escape);
        assertThat(shell(Map.of("TERM", "xterm", "NO_COLOR", "1"), terminal, SCRIPT)
                        .out())
                .contains("laco families")
                .doesNotContain(escape);
        assertThat(shell(Map.of("TERM", "dumb"), terminal, SCRIPT).out())
                .contains("laco families")
                .doesNotContain(escape);
        assertThat(shell(plain, "\"$1\" families --help", SCRIPT).out())
                .contains("laco families")
                .doesNotContain(escape);
    }

    /** A distribution may bring a runtime, which is used whatever else there is. */
    @Test
    void runsOnTheRuntimeOfItsDistribution() throws IOException, InterruptedException {
        Path unpacked = Files.createDirectory(directory.resolve("laco-1"));
        Path script = Files.createDirectory(unpacked.resolve("bin")).resolve("laco");
        Files.copy(SCRIPT, script, StandardCopyOption.COPY_ATTRIBUTES);
        Path built = SCRIPT.resolveSibling("laco-cli").resolve("target");
        String jar = "laco-cli-" + CollapseRecord.version() + ".jar";
        Files.copy(built.resolve(jar), unpacked.resolve(jar));
        Files.createSymbolicLink(unpacked.resolve("lib"), built.resolve("lib"));
        Files.createSymbolicLink(unpacked.resolve("runtime"), javaHome());
        Map<String, String> wrong = Map.of("JAVA_HOME", directory.toString(), "LACO_CACHE", directory.toString());

        assertThat(shell(wrong, "\"$1\" --version", script).out()).startsWith("laco ");
        assertThat(shell(wrong, "\"$1\" jshell", script).err()).endsWith("but there is no bin/java in it\n");
    }
}
