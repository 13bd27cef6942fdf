package org.laco.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.google.common.hash.Hashing;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.laco.examples.EmbeddedModel;

/** A sweep whose process is killed in the middle of a point goes on where it was, and writes what one writes that wasn't. */
class ResumedSweepTest {
    @TempDir
    Path directory;

    private EmbeddedModel embedded;
    private Path out;
    private Path journal;

    @BeforeEach
    void prepare() throws IOException {
        embedded = EmbeddedModel.extractTo(directory);
        out = directory.resolve("out");
        journal = directory.resolve(".out.laco-journal");
    }

    private Object[] sweep(Path target, Object... more) {
        return Stream.concat(
                        Stream.of(
                                "sweep",
                                embedded.model(),
                                target,
                                "--layers",
                                "10,11",
                                "--searches",
                                "greedy,runs+refit",
                                "--per-line",
                                "--refit-tokens-per-input",
                                "0",
                                "--calibration-tokens",
                                "400",
                                "--calibration",
                                embedded.calibration(),
                                "--text",
                                embedded.calibration(),
                                "--text-tokens",
                                "300"),
                        Stream.of(more))
                .toArray();
    }

    /** The lines of the journal that hold scores, as its file has them. */
    private List<JsonNode> scores() throws IOException {
        List<JsonNode> scores = new ArrayList<>();
        if (Files.exists(journal)) {
            String content = Files.readString(journal);
            for (String line :
                    content.substring(0, content.lastIndexOf('\n') + 1).split("\n")) {
                JsonNode node = new JsonMapper().readTree(line.replaceFirst("^\\w+ ", ""));
                if (node.has("scores")) {
                    scores.add(node);
                }
            }
        }
        return scores;
    }

    /** Kills a sweep once it has so many answers to what a search asked for. */
    private void killAfter(String search, int answers, Object... more) throws IOException, InterruptedException {
        ChildJvm.kill(
                () -> scores().stream()
                                .filter(line -> line.path("search").asText().equals(search))
                                .count()
                        >= answers,
                directory,
                sweep(out, more));
        assertThat(out.resolve("sweep.json"))
                .as(Files.readString(directory.resolve("stderr")))
                .doesNotExist();
        assertThat(scores().get(scores().size() - 1).path("search").asText()).isEqualTo(search);
    }

    /** The hashes of all files by their names, without how long searches took, which differs each time. */
    private static Map<String, String> hashes(Path directory) throws IOException {
        Map<String, String> hashes = new TreeMap<>();
        try (Stream<Path> all = Files.walk(directory)) {
            for (Path file : all.filter(Files::isRegularFile).toList()) {
                String content = Files.readString(file, StandardCharsets.ISO_8859_1);
                hashes.put(
                        directory.relativize(file).toString(),
                        Hashing.sha256()
                                .hashString(withoutTimes(file.toString(), content), StandardCharsets.ISO_8859_1)
                                .toString());
            }
        }
        return hashes;
    }

    private static String withoutTimes(String name, String content) {
        if (name.endsWith(".json")) {
            return content.replaceAll("\"(s|trainingS|measuringS)econds\" : [0-9.]+", "");
        }
        if (name.endsWith(".csv")) {
            List<String> heads = List.of(content.split("\r\n")[0].split(","));
            return content.lines()
                    .map(line -> {
                        List<String> cells = new ArrayList<>(List.of(line.split(",", -1)));
                        for (String time : List.of("seconds", "trainingSeconds", "measuringSeconds")) {
                            cells.set(heads.indexOf(time), "");
                        }
                        return String.join(",", cells);
                    })
                    .collect(Collectors.joining("\n"));
        }
        return name.endsWith(".html") ? content.replaceAll("<span class=\"seconds\">[0-9.]*</span>", "") : content;
    }

    @Test
    void writesTheSameBytesAsOneThatWasNotKilledAndMeasuresOnlyTheRest() throws IOException, InterruptedException {
        Path undisturbed = directory.resolve("undisturbed");
        Run whole = Run.laco(sweep(undisturbed));
        assertThat(whole.exitCode()).as(whole.err()).isZero();
        assertThat(directory.resolve(".undisturbed.laco-journal")).doesNotExist();
        killAfter("greedy to 10 layers", 3);
        assertThat(out.resolve("points/greedy-10.json")).doesNotExist();
        killAfter("runs+refit to 10 layers", 5, "--resume");
        assertThat(out.resolve("points/greedy-11.json")).exists();
        assertThat(out.resolve("points/runs+refit-10.json")).doesNotExist();
        int known =
                scores().stream().mapToInt(line -> line.get("scores").size()).sum();

        Run resumed = Run.laco(sweep(out, "--resume"));

        assertThat(resumed.exitCode()).as(resumed.err()).isZero();
        assertThat(resumed.out()).contains("resuming after " + known + " scores\n");
        assertThat(hashes(out)).isEqualTo(hashes(undisturbed));
        assertThat(hashes(out)).containsKeys("points/runs+refit-11.json", "sweep.csv", "sweep.html", "similarity.svg");
        assertThat(journal).doesNotExist();
    }

    private Object[] training(Path target) {
        return new Object[] {
            "sweep",
            embedded.model(),
            target,
            "--layers",
            10,
            "--searches",
            "last",
            "--per-line",
            "--calibration",
            embedded.calibration(),
            "--heal-text",
            embedded.calibration(),
            "--heal-per-line",
            "--heal-tokens",
            1000,
            "--heal-window",
            32,
            "--heal-batch",
            2,
            "--heal-train",
            "last-2",
            "--heal-validations",
            10
        };
    }

    @Test
    void goesOnInTheMiddleOfATraining() throws IOException, InterruptedException {
        Path undisturbed = directory.resolve("undisturbed");
        Run whole = Run.laco(training(undisturbed));
        assertThat(whole.exitCode()).as(whole.err()).isZero();
        Path state = out.resolve("points/.last+heal-10.laco-training");

        ChildJvm.kill(() -> Files.exists(state), directory, training(out));
        assertThat(out.resolve("points/last-10.json")).exists();
        assertThat(out.resolve("points/last+heal-10.json")).doesNotExist();
        assertThat(state).exists();
        Run resumed = Run.laco(training(out));

        assertThat(resumed.exitCode()).as(resumed.err()).isZero();
        assertThat(hashes(out)).isEqualTo(hashes(undisturbed));
        assertThat(hashes(out)).containsKeys("points/last+heal-10.json");
    }

    @Test
    void goesOnOnlyAsItBegan() throws IOException, InterruptedException {
        killAfter("greedy to 10 layers", 2);
        byte[] kept = Files.readAllBytes(journal);
        Run other = Run.laco(sweep(out, "--resume", "--refit"));
        assertThat(other.exitCode()).isEqualTo(1);
        assertThat(other.err())
                .endsWith("laco: " + journal.toRealPath()
                        + " is the journal of another series of searches: searches is \"greedy, greedy+refit, runs+refit\" now and was "
                        + "\"greedy, runs+refit\"; resume with what it began with, or remove the file to begin anew\n");
        Run tokens = Run.laco(sweep(out, "--resume", "--calibration-window", "64"));
        assertThat(tokens.exitCode()).isPositive();
        assertThat(journal).hasBinaryContent(kept);
    }
}
