package org.laco.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JShellScriptsTest {
    @TempDir
    Path directory;

    @Test
    void opensCollapsesInspectsAndSaves() throws IOException, InterruptedException {
        String output = jshell("open", "collapse", "inspect", "save");
        assertThat(output)
                .contains("layers 12\n", "parameters 2346112\n", "similar true\n", "record true\n")
                .doesNotContain("Error", "Exception", "|  ");
        Matcher layers = Pattern.compile("layers now (\\d+)\n").matcher(output);
        assertThat(layers.find()).as(output).isTrue();
        assertThat(Integer.parseInt(layers.group(1))).isBetween(2, 11);
        assertThat(output).contains("reopened with layers " + layers.group(1) + "\n");
        assertThat(output).containsPattern("sources \\[\\[0].*11.*]\n").containsPattern("9-11 0\\.\\d{4} ");
    }

    private String jshell(String... scripts) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(ChildJvm.program("jshell"), "-s"));
        command.addAll(List.of("--class-path", ChildJvm.classPath()));
        ChildJvm.flags().forEach(flag -> command.add("-R" + flag));
        for (String script : scripts) {
            command.add("../laco-examples/jshell/" + script + ".jsh");
        }
        Path exit = Files.writeString(directory.resolve("exit.jsh"), "/exit\n");
        command.add(exit.toString());
        Path out = directory.resolve("stdout");
        Process process = ChildJvm.start(command, out, directory.resolve("stderr"));
        assertThat(process.waitFor(5, TimeUnit.MINUTES)).isTrue();
        assertThat(process.exitValue()).isZero();
        return Files.readString(out);
    }
}
