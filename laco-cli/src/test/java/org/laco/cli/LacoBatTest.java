package org.laco.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.laco.io.CollapseRecord;

/** The script for Windows, which only reading can hold against the one that the other tests run. */
class LacoBatTest {
    private static final Path ROOT = Path.of("..");
    private static final Pattern FLAG = Pattern.compile("(?<=[ \"=])-(X[^\\s\"]+|D[\\w.]+=\\w+|-[a-z-]+=[\\w-]+)");
    private static final Pattern DIRECTORY = Pattern.compile("\"-D([\\w.]+)=[$%]\\w+%?([/\\\\]\\w+)?\"");

    private static List<String> matches(Pattern pattern, String lines, int group) {
        return pattern.matcher(lines)
                .results()
                .map((MatchResult match) -> match.group(group))
                .toList();
    }

    /** Returns what follows a text in the lines that have it. */
    private static String after(String text, String script) throws IOException {
        return Files.readAllLines(ROOT.resolve(script)).stream()
                .filter(line -> line.contains(text))
                .map(line -> " " + line.substring(line.indexOf(text) + text.length()))
                .collect(Collectors.joining("\n"));
    }

    @Test
    void givesTheVirtualMachineTheSameFlags() throws IOException {
        List<String> unix = matches(FLAG, after("flags=\"", "laco"), 0).stream()
                // The archive of classes, which there is none of on Windows.
                .filter(flag -> !flag.matches("-Xshare:.*|-XX:AOT.*|-Xlog:(aot|cds).*"))
                // Spark's, which the script for Windows doesn't look for.
                .filter(flag -> !flag.matches("-Dorg\\.slf4j\\..*|--add-opens=.*"))
                .toList();

        assertThat(matches(FLAG, after("set flags=", "laco.bat"), 0))
                .containsExactlyElementsOf(unix)
                .hasSizeGreaterThan(12)
                .contains("-Xmx1g", "-XX:+UseSerialGC", "--enable-native-access=ALL-UNNAMED");
        assertThat(matches(DIRECTORY, after("%flags%", "laco.bat"), 1))
                .containsExactlyElementsOf(matches(DIRECTORY, after("set --", "laco"), 1))
                .hasSize(3);
    }

    @Test
    void runsTheJarOfThisVersion() throws IOException {
        String version = CollapseRecord.version();
        assertThat(Files.readAllLines(ROOT.resolve("laco"))).contains("version=" + version);
        assertThat(Files.readAllLines(ROOT.resolve("laco.bat"))).contains("set version=" + version);
    }

    @Test
    void hasLineEndsThatTheShellOfWindowsFindsItsLabelsBy() throws IOException {
        assertThat(Files.readString(ROOT.resolve("laco.bat")).split("\n", -1))
                .allMatch(line -> line.isEmpty() || line.endsWith("\r"));
    }
}
