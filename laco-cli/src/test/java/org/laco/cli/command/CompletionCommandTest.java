package org.laco.cli.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.laco.cli.Run;

class CompletionCommandTest {
    private static final Path BASH = Path.of("/bin/bash");

    @TempDir
    Path directory;

    private static String script() {
        Run run = Run.laco("completion");
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.err()).isEmpty();
        return run.out();
    }

    /** Runs bash, which the test needs, and returns the lines that it prints, errors included. */
    private List<String> bash(String... arguments) throws IOException, InterruptedException {
        assumeTrue(Files.isExecutable(BASH), "there is no " + BASH);
        Path printed = directory.resolve("printed");
        Process bash = new ProcessBuilder(BASH.toString())
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(printed.toFile())
                .command(Stream.concat(Stream.of(BASH.toString()), Stream.of(arguments))
                        .toList())
                .start();
        int exitCode = bash.waitFor();
        assertThat(exitCode).as(Files.readString(printed)).isZero();
        return Files.readAllLines(printed, StandardCharsets.UTF_8);
    }

    /** Returns what bash offers for the last word of a line. */
    private List<String> complete(String... words) throws IOException, InterruptedException {
        Files.writeString(directory.resolve("laco-completion"), script());
        return bash(
                "-c",
                // Which bash has only while it completes.
                "compopt() { :; }; source ./laco-completion; COMP_WORDS=(" + String.join(" ", words) + "); COMP_CWORD="
                        + (words.length - 1) + "; $(complete -p laco | sed 's/.*-F //; s/ .*//') laco;"
                        + " printf '%s\\n' \"${COMPREPLY[@]}\"");
    }

    @Test
    void namesEveryCommand() {
        String commands = script().lines()
                .filter(line -> line.contains("local commands=\""))
                .findFirst()
                .orElseThrow();
        assertThat(commands.replaceAll(".*=\"|\".*", "").split(" "))
                .contains("demo", "collapse", "heal", "apply", "verify", "inspect", "evaluate", "generate", "sweep")
                .contains("similarity", "synthesize", "families", "completion", "help");
    }

    @Test
    void isWhatBashCanRead() throws IOException, InterruptedException {
        Files.writeString(directory.resolve("laco-completion"), script());
        assertThat(bash("-n", "laco-completion")).isEmpty();
    }

    @Test
    void completesCommandsOptionsNamesAndFiles() throws IOException, InterruptedException {
        assertThat(complete("laco", "coll")).containsExactly("collapse");
        assertThat(complete("laco", "collapse", "--thres")).containsExactly("--threshold");
        assertThat(complete("laco", "collapse", "--heal-te")).containsExactly("--heal-text");
        assertThat(complete("laco", "collapse", "--norms", "from")).containsExactlyInAnyOrder("from-base", "from-last");
        Files.createFile(directory.resolve("sentences.txt"));
        assertThat(complete("laco", "collapse", "--calibration", "sent")).containsExactly("sentences.txt");
    }
}
