package org.laco.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.laco.io.HubCache;

/** Models by the ids that they have on the hub, from Hugging Face's cache, whose files are links. */
class HubIdTest {
    private static final String ID = "ada/tiny";
    private static final String COMMIT = "93efa2f097d58c2a74874c7e644dbc9b0cee75a2";

    @TempDir
    Path directory;

    private TinyCheckpoint checkpoint;
    private HubCache cache;

    @BeforeEach
    void fetch() throws IOException {
        checkpoint = TinyCheckpoint.copyTo(directory.resolve("model"));
        Files.writeString(checkpoint.directory().resolve("README.md"), "A tiny model.");
        cache = HubCache.of(Map.of("HF_HOME", directory.toString()), directory);
        Path kept = cache.directory().resolve("models--ada--tiny");
        Path snapshot = Files.createDirectories(kept.resolve("snapshots").resolve(COMMIT));
        Path blobs = Files.createDirectories(kept.resolve("blobs"));
        Files.createDirectories(kept.resolve("refs"));
        Files.writeString(kept.resolve("refs/main"), COMMIT);
        try (Stream<Path> files = Files.list(checkpoint.directory())) {
            for (Path file : files.toList()) {
                Path blob = Files.copy(file, blobs.resolve("blob-of-" + file.getFileName()));
                Files.createSymbolicLink(snapshot.resolve(file.getFileName()), snapshot.relativize(blob));
            }
        }
    }

    private Run laco(Object... args) {
        Run run = Run.with(cache, args);
        assertThat(run.exitCode()).as(run.err()).isZero();
        return run;
    }

    private Object[] collapse(Object model, Path out) throws IOException {
        return new Object[] {
            "collapse",
            model,
            out,
            "--calibration",
            checkpoint.calibration(),
            "--target-layers",
            6,
            "--search",
            "last",
            // Which names the original by its id.
            "--no-model-card"
        };
    }

    @Test
    void areCollapsedLikeDirectories() throws IOException {
        laco(collapse(ID, directory.resolve("by-id")));
        laco(collapse(checkpoint.directory(), directory.resolve("by-path")));
        assertThat(TinyCheckpoint.hashes(directory.resolve("by-id")))
                .containsKey("README.md")
                .isEqualTo(TinyCheckpoint.hashes(directory.resolve("by-path")));
    }

    @Test
    void areOriginalsToo() throws IOException {
        Path out = directory.resolve("out");
        laco(collapse(ID, out));
        assertThat(laco("verify", out, "--source", ID).out()).contains("plan        passed");
        assertThat(training(out, ID)).isNotNull().isEqualTo(training(out, checkpoint.directory()));
    }

    private JsonNode training(Path model, Object original) throws IOException {
        Path text =
                Files.writeString(directory.resolve("text.jsonl"), "{\"input_ids\": [1, 17, 200, 5, 9]}\n".repeat(4));
        return laco(
                        "heal",
                        model,
                        "--no-write",
                        "--json",
                        "--teacher",
                        original,
                        "--text",
                        text,
                        "--per-line",
                        "--train",
                        "last-1",
                        "--tokens",
                        64)
                .json()
                .get("training");
    }

    @Test
    void areReadByEveryCommandThatReadsAModel() throws IOException {
        assertThat(laco("inspect", ID, "--json").out())
                .isEqualTo(laco("inspect", checkpoint.directory(), "--json").out());
        laco("similarity", ID, directory.resolve("similarity"), "--calibration", checkpoint.calibration());
        Path sweep = directory.resolve("sweep");
        laco(
                "sweep",
                ID,
                sweep,
                "--layers",
                6,
                "--searches",
                "last",
                "--calibration",
                checkpoint.calibration(),
                "--per-line");
        assertThat(Files.readString(sweep.resolve("settings.json"))).contains("\"ada/tiny (sha256 ");
    }

    @Test
    void areNamedWithWhatFetchesThemIfTheyAreMissing() throws IOException {
        Path out = directory.resolve("out");
        String expected = "laco: ada/huge is no directory, and not in the Hugging Face cache "
                + directory.resolve("hub") + ": fetch the model by 'hf download ada/huge'\n";
        for (Object[] args : List.of(
                new Object[] {"inspect", "ada/huge"},
                collapse("ada/huge", out),
                new Object[] {"generate", "ada/huge", "--prompt", "x"},
                new Object[] {"evaluate", checkpoint.directory(), "--prompts", "p", "--against", "ada/huge"},
                new Object[] {"verify", checkpoint.directory(), "--source", "ada/huge"},
                new Object[] {"heal", checkpoint.directory(), out, "--text", "t", "--teacher", "ada/huge"})) {
            Run run = Run.with(cache, args);
            assertThat(run.exitCode()).isEqualTo(1);
            assertThat(run.err()).isEqualTo(expected);
        }
        assertThat(out).doesNotExist();
    }

    @Test
    void areNotLookedForWhereHelpIsAskedFor() {
        assertThat(Run.with(cache, "inspect", "ada/huge", "--help").exitCode()).isZero();
    }
}
