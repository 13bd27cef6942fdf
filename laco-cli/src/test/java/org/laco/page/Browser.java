package org.laco.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A Chromium without a window, where this machine has one: Debian's package chromium, or what LACO_CHROMIUM names. */
public final class Browser {
    private static final long SECONDS = 120;

    private final Path program;
    private final Path directory;

    private Browser(Path program, Path directory) {
        this.program = program;
        this.directory = directory;
    }

    /** Finds the browser; a test that needs it is skipped with that reason where there is none. */
    public static Browser orSkip(Path directory) {
        Optional<Path> found = Stream.concat(
                        Stream.ofNullable(System.getenv("LACO_CHROMIUM")).map(Path::of),
                        Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
                                .flatMap(place -> Stream.of("chromium", "chromium-browser", "google-chrome")
                                        .map(name -> Path.of(place, name))))
                .filter(Files::isExecutable)
                .findFirst();
        assumeTrue(
                found.isPresent(),
                "there is no chromium, chromium-browser or google-chrome on the PATH, and LACO_CHROMIUM names none");
        return new Browser(found.orElseThrow(), directory);
    }

    /**
     * Opens a page, runs a script in it after its own, and returns what the page is then. Of what goes wrong in its scripts, and of what it asks
     * for beside itself, the root element gets the attributes data-errors and data-asked.
     */
    public String open(Path page, String script, String... options) throws IOException, InterruptedException {
        String html = Files.readString(page);
        Path copy = Files.writeString(
                directory.resolve("opened.html"),
                html.replace(
                                "<title>",
                                "<script>window.onerror = m => document.documentElement.setAttribute('data-errors', m);</script><title>")
                        .replace(
                                "</body>",
                                "<script>" + script
                                        + ";document.documentElement.setAttribute('data-asked', performance.getEntriesByType('resource').length)"
                                        + "</script></body>"));
        Path out = directory.resolve("dom.html");
        Process process = new ProcessBuilder(Stream.of(
                                Stream.of(
                                        program.toString(),
                                        "--headless",
                                        "--no-sandbox",
                                        "--disable-gpu",
                                        "--host-resolver-rules=MAP * ~NOTFOUND",
                                        "--user-data-dir=" + directory.resolve("profile"),
                                        "--window-size=1200,900",
                                        "--dump-dom"),
                                Stream.of(options),
                                Stream.of(copy.toUri().toString()))
                        .flatMap(each -> each)
                        .toList())
                .redirectOutput(out.toFile())
                .redirectError(directory.resolve("browser.log").toFile())
                .start();
        try {
            assertThat(process.waitFor(SECONDS, TimeUnit.SECONDS))
                    .as("the browser ended")
                    .isTrue();
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
        return Files.readString(out);
    }
}
