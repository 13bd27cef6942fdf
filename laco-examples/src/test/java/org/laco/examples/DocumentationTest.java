package org.laco.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Holds the examples of README and site to code that is compiled and run. */
class DocumentationTest {
    private static final Path ROOT = Path.of("..");
    private static final Pattern BLOCK = Pattern.compile("```(java|jshell)\\n(.*?)```", Pattern.DOTALL);

    @TestFactory
    Stream<DynamicTest> quotesOnlyCodeThatIsCompiledOrRun() throws IOException {
        List<DynamicTest> tests = new ArrayList<>();
        for (Path page : pages()) {
            Matcher block = BLOCK.matcher(Files.readString(page));
            while (block.find()) {
                String code = trimLines(block.group(2));
                String sources = block.group(1).equals("java") ? javaSources() : scripts();
                tests.add(DynamicTest.dynamicTest(
                        page.getFileName() + ": " + code.lines().findFirst().orElse(""),
                        () -> assertThat(sources).contains(code)));
            }
        }
        return tests.stream();
    }

    @Test
    void namesTheVersionThatIsBuilt() throws IOException {
        String pom = Files.readString(ROOT.resolve("pom.xml"));
        String version = pom.replaceFirst("(?s).*?<version>(.*?)</version>.*", "$1");

        assertThat(Files.readString(ROOT.resolve("README.md"))).contains("<version>" + version + "</version>");
        assertThat(Files.readString(ROOT.resolve("laco"))).contains("version=" + version + "\n");
    }

    private static List<Path> pages() throws IOException {
        try (Stream<Path> site = Files.list(ROOT.resolve("src/site/markdown"))) {
            return Stream.concat(Stream.of(ROOT.resolve("README.md")), site.sorted())
                    .toList();
        }
    }

    private static String javaSources() throws IOException {
        return read(Path.of("src"), ".java")
                + read(ROOT.resolve("laco-core/src"), ".java")
                + read(ROOT.resolve("laco-safetensors/src"), ".java")
                + read(ROOT.resolve("laco-io/src"), ".java");
    }

    private static String scripts() throws IOException {
        return read(Path.of("jshell"), ".jsh");
    }

    private static String read(Path directory, String ending) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            return files.filter(file -> file.toString().endsWith(ending))
                    .map(DocumentationTest::readTrimmed)
                    .collect(Collectors.joining("\n"));
        }
    }

    private static String readTrimmed(Path file) {
        try {
            return trimLines(Files.readString(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Takes indents away, which differ between a page and a method. */
    private static String trimLines(String text) {
        return text.lines().map(String::strip).collect(Collectors.joining("\n"));
    }
}
