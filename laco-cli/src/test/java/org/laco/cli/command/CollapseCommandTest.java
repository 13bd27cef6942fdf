package org.laco.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableList;
import com.google.common.hash.HashCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Random;
import java.util.function.Predicate;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.laco.cli.Fixture;
import org.laco.cli.Run;
import org.laco.cli.TinyCheckpoint;
import org.laco.examples.EmbeddedModel;

class CollapseCommandTest {
    @TempDir
    Path directory;

    private TinyCheckpoint checkpoint;
    private Path out;

    @BeforeEach
    void copy() throws IOException {
        checkpoint = TinyCheckpoint.copyTo(directory.resolve("model"));
        out = directory.resolve("out");
    }

    private Run collapse(Object... more) throws IOException {
        ImmutableList<Object> start =
                ImmutableList.of("collapse", checkpoint.directory(), out, "--calibration", checkpoint.calibration());
        return Run.laco(Stream.concat(start.stream(), Stream.of(more)).toArray());
    }

    @Test
    void writesACheckpointAndTellsEveryStep() throws IOException {
        Run run = collapse("--layers", 3, "--interval", 1, "--threshold", -1);
        assertThat(run.exitCode()).as(run.err()).isZero();
        // With a threshold that everything exceeds, the schedule visits 5, 4, 3, … as long as there are layers to
        // merge.
        assertThat(run.out().lines().filter(line -> line.endsWith("merged")))
                .first()
                .asString()
                .matches("\\s+5-7  telescoped\\s+-?[01]\\.\\d{4}  merged");
        assertThat(run.out()).contains("layers       8 -> ", "written      " + out);
        assertThat(Run.laco("inspect", out).exitCode()).isZero();
    }

    @Test
    void namesTheMetricThatCandidatesAreComparedBy() throws IOException {
        Run run = collapse("--target-layers", 6, "--search", "sleb");

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out())
                .containsPattern("   layers  rule        likelihood  similarity\n")
                .contains("similarity   cosine ");
        assertThat(run.out())
                .containsPattern("      6-7  keep-first     -\\d+\\.\\d{4}      0\\.\\d{4}  (merged|refused)");
    }

    @Test
    void printsEachStepOnceBesideAResultForAProgramToo() throws IOException {
        Run people = collapse("--threshold", -1, "--low", 2, "--no-write");
        Run program = collapse("--threshold", -1, "--low", 2, "--no-write", "--json");

        int steps = program.json().get("steps").size();
        assertThat(steps).isGreaterThan(1);
        Predicate<String> isAStep = line -> line.matches("\\s+\\d+-\\d+  .*(merged|refused)");
        assertThat(people.out().lines().filter(isAStep)).hasSize(steps);
        assertThat(people.err()).doesNotContain("merged");
        assertThat(program.err().lines().filter(isAStep)).hasSize(steps);
        assertThat(program.err()).containsOnlyOnce("   layers  rule");
    }

    @Test
    void printsExactlyOneJsonObjectThatHoldsTheRecord() throws IOException {
        Run run = collapse("--json", "--threshold", -1, "--low", 2);
        assertThat(run.exitCode()).as(run.err()).isZero();
        ObjectNode printed = (ObjectNode) run.json();
        JsonNode seconds = printed.remove("seconds");
        assertThat(ImmutableList.copyOf(seconds.fieldNames())).containsExactly("open", "search", "write", "verify");
        assertThat(seconds).allMatch(JsonNode::isNumber);
        assertThat(printed.remove("forecast")).isNotNull();
        JsonNode peak = printed.remove("peakMemoryBytes");
        if (Files.exists(Path.of("/proc/self/status"))) {
            assertThat(peak.asLong()).isBetween(50_000_000L, 64_000_000_000L);
        }
        assertThat(printed)
                .isEqualTo(new ObjectMapper().readTree(out.resolve("laco.json").toFile()));
        assertThat(ImmutableList.copyOf(printed.get("steps").get(0).fieldNames()))
                .contains("layer", "merged", "similarity", "perSequence", "accepted");
        assertThat(printed.get("settings").get("low").asInt()).isEqualTo(2);
        assertThat(printed.get("settings").get("high").asInt()).isEqualTo(8);
        assertThat(printed.get("layers")).hasSize(printed.get("layersAfter").asInt());
        assertThat(printed.get("outputs").has("model.safetensors")).isTrue();
    }

    @Test
    void fitsTheSameWeightsAgainWhenItsRecordIsApplied() throws IOException {
        Object[] refit = {"--refit", "--refit-repairs", "--refit-tokens-per-input", 0};
        collapse(Stream.concat(Stream.of("--target-layers", 6, "--search", "last"), Stream.of(refit))
                .toArray());
        JsonNode record = new ObjectMapper().readTree(out.resolve("laco.json").toFile());
        Path again = directory.resolve("again");
        Object[] apply = {
            "apply",
            checkpoint.directory(),
            again,
            "--plan",
            out.resolve("laco.json"),
            "--calibration",
            checkpoint.calibration()
        };
        Run run = Run.laco(Stream.concat(Stream.of(apply), Stream.of(refit)).toArray());

        assertThat(record.get("settings").get("refit").asText()).startsWith("ridge+repairs:");
        assertThat(record.get("plan").get("layers").findValues("sha256"))
                .as("there is a fitted weight")
                .isNotEmpty();
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(TinyCheckpoint.hashes(again).get("model.safetensors"))
                .isEqualTo(TinyCheckpoint.hashes(out).get("model.safetensors"));
    }

    @Test
    void keepsTheFitOfASearchThatHasOneWhenItIsGivenAText() throws IOException {
        Random random = new Random(6);
        Path text = Files.write(
                directory.resolve("text.jsonl"),
                Stream.generate(() -> "{\"input_ids\": "
                                + random.ints(12, 0, 32).boxed().toList() + "}")
                        .limit(30)
                        .toList());
        Object[] refit = {"--refit-text", text, "--refit-per-line"};
        Run found = collapse(Stream.concat(Stream.of("--target-layers", 6, "--search", "replaceme"), Stream.of(refit))
                .toArray());
        assertThat(found.exitCode()).as(found.err()).isZero();
        JsonNode record = new ObjectMapper().readTree(out.resolve("laco.json").toFile());
        Path again = directory.resolve("again");
        Object[] apply = {
            "apply",
            checkpoint.directory(),
            again,
            "--plan",
            out.resolve("laco.json"),
            "--calibration",
            checkpoint.calibration()
        };
        Run run = Run.laco(Stream.concat(Stream.of(apply), Stream.of(refit)).toArray());

        assertThat(record.get("settings").get("refit").asText()).isEqualTo("replaceme:0.0");
        assertThat(record.get("settings").get("refitTokens").asInt()).isEqualTo(360);
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(TinyCheckpoint.hashes(again).get("model.safetensors"))
                .isEqualTo(TinyCheckpoint.hashes(out).get("model.safetensors"));
    }

    @Test
    void fitsToTheFirstLinesOfATextThatHoldSoManyTokens() throws IOException {
        Path text = Files.writeString(
                directory.resolve("text.jsonl"),
                "{\"input_ids\": [5, 3, 8, 1, 9]}\n{\"input_ids\": [2, 7, 4, 6]}\n{\"input_ids\": [1, 2, 3]}\n");
        Run run = collapse(
                "--json",
                "--target-layers",
                6,
                "--search",
                "shortgpt",
                "--refit-text",
                text,
                "--refit-per-line",
                "--refit-tokens",
                11,
                "--refit-tokens-per-input",
                0);
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.json().get("refitCost").get("tokens").asInt()).isEqualTo(9);
    }

    @Test
    void takesPiecesFromAllOverATextAndFitsToTheWindowsBetween() throws IOException {
        EmbeddedModel embedded = EmbeddedModel.extractTo(Files.createDirectory(directory.resolve("embedded")));
        Object[] texts = {
            "--calibration-text",
            embedded.calibration(),
            "--calibration-tokens",
            256,
            "--refit",
            "--refit-window",
            64,
            "--refit-tokens",
            512,
            "--refit-tokens-per-input",
            0
        };
        Run run = Run.laco(Stream.concat(
                        Stream.of(
                                "collapse", embedded.model(), out, "--json", "--target-layers", 9, "--search", "last"),
                        Stream.of(texts))
                .toArray());
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.json().get("calibration").get("sequences"))
                .hasSize(4)
                .allMatch(sequence -> sequence.size() == 64);
        assertThat(run.json().get("settings").get("refitTokens").asInt()).isEqualTo(512);

        Path again = directory.resolve("again");
        Run applied = Run.laco(Stream.concat(
                        Stream.of("apply", embedded.model(), again, "--plan", out.resolve("laco.json")),
                        Stream.of(texts))
                .toArray());
        assertThat(applied.exitCode()).as(applied.err()).isZero();
        assertThat(TinyCheckpoint.hashes(again).get("model.safetensors"))
                .isEqualTo(TinyCheckpoint.hashes(out).get("model.safetensors"));
    }

    @Test
    void refusesCalibrationOptionsThatDoNotGoTogether() throws IOException {
        Run both = collapse("--calibration-text", checkpoint.calibration());
        assertThat(both.exitCode()).isEqualTo(2);
        assertThat(both.err())
                .startsWith(
                        "laco: --calibration and --calibration-text exclude one another: give lines or running text\n");
        Run alone = Run.laco("apply", checkpoint.directory(), out, "--plan", "plan.json", "--calibration-tokens", 5);
        assertThat(alone.exitCode()).isEqualTo(2);
        assertThat(alone.err()).startsWith("laco: '--calibration-tokens' needs '--calibration-text'\n");
        Run none =
                Run.laco("collapse", checkpoint.directory(), out, "--calibration-text", "x", "--calibration-tokens", 0);
        assertThat(none.err()).startsWith("laco: '--calibration-tokens' is 0, expected at least 1\n");
    }

    @Test
    void refusesARefitOfAModelThatHasNoMapToFitBeforeAnythingIsRun() throws IOException {
        Fixture gemma = Fixture.named("gemma3_text");
        Run run = Run.laco(
                "collapse",
                gemma.model(),
                out,
                "--target-layers",
                3,
                "--refit",
                "--calibration",
                gemma.writeCalibration(directory.resolve("ids.jsonl")));
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err())
                .isEqualTo(
                        "laco: layer 0 can't be refit: its output doesn't depend linearly on one weight, a RmsNorm comes last,"
                                + " and so it is in every layer: leave the refit out\n");
    }

    @Test
    void recordsInWhichPrecisionCandidatesWereScored() throws IOException {
        Run plain = collapse("--json", "--threshold", 0.99, "--no-write");
        Run screened =
                collapse("--json", "--threshold", 0.99, "--no-write", "--screen", "bfloat16", "--screen-margin", 0.02);
        assertThat(screened.exitCode()).as(screened.err()).isZero();

        assertThat(plain.json().get("settings").has("screen")).isFalse();
        assertThat(plain.json().get("steps").findValuesAsText("precision"))
                .isNotEmpty()
                .containsOnly("float32");
        assertThat(screened.json().get("settings").get("screen").asText()).isEqualTo("bfloat16");
        assertThat(screened.json().get("settings").get("screenMargin").asDouble())
                .isEqualTo(0.02);
        assertThat(screened.json().get("plan")).isEqualTo(plain.json().get("plan"));
    }

    @Test
    void refusesToScreenForASearchThatDoesNotScoreAgainWhatItAccepts() throws IOException {
        Run run = collapse("--target-layers", 6, "--search", "shortgpt", "--screen", "bfloat16");
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).contains("the search shortgpt doesn't confirm the candidates that it accepts");
    }

    @Test
    void tellsWhatARefitCost() throws IOException {
        Run run = collapse(
                "--json", "--target-layers", 6, "--search", "shortgpt", "--refit", "--refit-tokens-per-input", 0);
        assertThat(run.exitCode()).as(run.err()).isZero();
        JsonNode cost = run.json().get("refitCost");
        assertThat(cost.get("seconds").asDouble()).isPositive();
        assertThat(cost.get("solutions").asInt()).isBetween(1, 2);
        assertThat(cost.get("tokens").asInt()).isEqualTo(8);
        // The sums of 96 inputs and a factor of them, in double, are the least.
        assertThat(cost.get("bytes").asLong()).isBetween(2L * 8 * 96 * 96, 1_000_000L);
        assertThat(run.err())
                .containsPattern(
                        "refit        [12] fits to 8 tokens in \\d+\\.\\d s of the search, arrays of at most ");
        assertThat(new ObjectMapper()
                        .readTree(out.resolve("laco.json").toFile())
                        .has("refitCost"))
                .as("two equal runs make equal records")
                .isFalse();
    }

    @Test
    void recordsTheSameOfEqualRuns() throws IOException {
        collapse("--threshold", -1);
        Path again = directory.resolve("again");
        Run.laco(
                "collapse",
                checkpoint.directory(),
                again,
                "--calibration",
                checkpoint.calibration(),
                "--threshold",
                -1);
        assertThat(TinyCheckpoint.hashes(again)).isEqualTo(TinyCheckpoint.hashes(out));
    }

    @Test
    void recordsTheRuleChosenForEachMergeSoThatItsPlanIsAppliedToTheSameBytes() throws IOException {
        Run run = collapse(
                "--json", "--threshold", -1, "--layers", 3, "--rule", "best:rdsc,mean,norm-preserving:rdsc,keep-first");
        assertThat(run.exitCode()).as(run.err()).isZero();
        JsonNode record = run.json();
        Path again = directory.resolve("again");
        Run applied = Run.laco(
                "apply",
                checkpoint.directory(),
                again,
                "--plan",
                out.resolve("laco.json"),
                "--calibration",
                checkpoint.calibration());

        assertThat(applied.exitCode()).as(applied.err()).isZero();
        assertThat(TinyCheckpoint.hashes(again).get("model.safetensors"))
                .isEqualTo(TinyCheckpoint.hashes(out).get("model.safetensors"));
        assertThat(record.get("settings").get("rule").asText())
                .isEqualTo("best:rdsc,mean,norm-preserving:rdsc,keep-first");
        assertThat(record.get("steps").findValuesAsText("rule"))
                .contains("rdsc", "mean", "norm-preserving:rdsc", "keep-first");
        assertThat(record.get("plan").findValuesAsText("rule"))
                .hasSameSizeAs(accepted(record))
                .containsExactlyInAnyOrderElementsOf(accepted(record));
        assertThat(run.err()).contains("norm-preserving:rdsc");
    }

    private static List<String> accepted(JsonNode record) {
        return StreamSupport.stream(record.get("steps").spliterator(), false)
                .filter(step -> step.get("accepted").asBoolean())
                .map(step -> step.get("rule").asText())
                .toList();
    }

    @Test
    void refusesAPlanThatNamesAChoiceForALayer() throws IOException {
        Path plan = directory.resolve("plan.json");
        Files.writeString(
                plan,
                "{\"originalLayers\": 8, \"layers\": [0, 1, 2, 3, 4, 5, {\"merge\": [6, 7], \"rule\":"
                        + " \"best:rdsc,mean\"}]}");

        Run run = Run.laco("apply", checkpoint.directory(), out, "--plan", plan);

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err())
                .isEqualTo(
                        "laco: " + plan + ": a layer is merged by one rule, not by a choice such as best:rdsc,mean\n");
    }

    @Test
    void writesNothingIfThatIsNotWanted() throws IOException {
        Run run = collapse("--no-write", "--json");
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.json().has("outputs")).isFalse();
        assertThat(run.json().get("seconds").get("write").asDouble()).isZero();
        assertThat(out).doesNotExist();
    }

    @Test
    void writesTheSameWeightsWithoutChecksums() throws IOException {
        collapse();
        HashCode hashed = TinyCheckpoint.hashes(out).get("model.safetensors");
        Run run = collapse("--force", "--no-checksums", "--json");
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.json().has("inputs")).isFalse();
        assertThat(run.json().has("outputs")).isFalse();
        assertThat(TinyCheckpoint.hashes(out).get("model.safetensors"))
                .isNotNull()
                .isEqualTo(hashed);
    }

    @Test
    void needsNoTargetToWriteNothing() throws IOException {
        Run run = Run.laco("collapse", checkpoint.directory(), "--no-write", "--calibration", checkpoint.calibration());
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out()).contains("similarity   cosine ").doesNotContain("written");
    }

    @Test
    void foreseesItsCostWithoutSearching() throws IOException {
        Run run = Run.laco(
                "collapse", checkpoint.directory(), "--dry-run", "--calibration", checkpoint.calibration(), "--json");
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.err()).contains("If no candidate is accepted", "candidates   4", "bytes read ", "time ");
        assertThat(ImmutableList.copyOf(run.json().fieldNames())).containsExactly("forecast");
        JsonNode forecast = run.json().get("forecast");
        assertThat(forecast.get("candidates").asInt()).isEqualTo(4);
        // The original's 8 layers; candidates at 4, 3, 2 and 1 have their merged layer and what is above it.
        assertThat(forecast.get("layerRuns").asInt()).isEqualTo(8 + 1 + 2 + 3 + 4);
        assertThat(forecast.get("bytesRead").asLong()).isPositive();
        assertThat(forecast.get("peakBytes").asLong()).isPositive();
        assertThat(forecast.get("seconds").asDouble()).isPositive();
    }

    @Test
    void costsWhatWasForeseenIfNothingIsAccepted() throws IOException {
        JsonNode forecast =
                collapse("--threshold", 1, "--no-write", "--json").json().get("forecast");
        assertThat(forecast.get("actualLayerRuns").asLong())
                .isEqualTo(forecast.get("layerRuns").asLong())
                .isEqualTo(18);
        assertThat(forecast.get("actualBytesRead").asLong())
                .isEqualTo(forecast.get("bytesRead").asLong());
    }

    @Test
    void foreseesNothingOfASearchWhoseCostDependsOnWhatItFinds() throws IOException {
        assertUsage(
                collapse("--dry-run", "--target-layers", 6),
                "only the cost of the paper's schedule is known before it is run");
        assertThat(collapse("--target-layers", 6, "--no-write", "--json").json().has("forecast"))
                .isFalse();
    }

    @Test
    void decidesTheSameWithinAMemoryBound() throws IOException {
        JsonNode bounded = collapse("--memory", "3GB", "--no-write", "--json").json();
        assertThat(bounded.get("layers"))
                .isEqualTo(collapse("--no-write", "--json").json().get("layers"));
    }

    @Test
    void refusesAMemoryBoundThatIsTooSmall() throws IOException {
        Run run = collapse("--memory", "1MB");
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err())
                .matches("laco: a memory bound of 1 MB is too small for this model and calibration: "
                        + "the smallest that works is \\d+ MB\n");
        assertThat(out).doesNotExist();
    }

    @Test
    void printsNothingIfItIsToBeQuiet() throws IOException {
        assertThat(collapse("--quiet")).isEqualTo(new Run(0, "", ""));
        assertThat(out).isDirectory();
    }

    @Test
    void appliesAPlanThatWasPrinted() throws IOException {
        Run search = collapse("--threshold", -1, "--json");
        Path plan = Files.writeString(directory.resolve("plan.json"), search.out());
        Path replayed = directory.resolve("replayed");
        Run run = Run.laco(
                "apply", checkpoint.directory(), replayed, "--plan", plan, "--calibration", checkpoint.calibration());
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(TinyCheckpoint.hashes(replayed).get("model.safetensors"))
                .isEqualTo(TinyCheckpoint.hashes(out).get("model.safetensors"));
    }

    @Test
    void startsAnotherShardBeyondTheSizeThatWasGiven() throws IOException {
        collapse("--max-shard-size", "60kB");
        Run run = Run.laco("inspect", out, "--json");
        assertThat(run.json().get("shards").size()).isGreaterThan(2);
    }

    @Test
    void replacesACheckpointIfForced() throws IOException {
        collapse("--threshold", 1);
        Run run = collapse("--threshold", -1, "--force");
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(Run.laco("inspect", out, "--json").json().get("layers").asInt())
                .isLessThan(8);
        assertThat(directory).isDirectoryContaining(path -> path.equals(out));
        try (Stream<Path> left = Files.list(directory)) {
            assertThat(left.filter(path -> path.getFileName().toString().startsWith(".")))
                    .isEmpty();
        }
    }

    @Test
    void writesACompleteCopyIfNothingIsSimilarEnough() throws IOException {
        Run run = collapse("--threshold", 1);
        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).contains("No candidate was similar enough: the result has all layers of the original.");
        assertThat(TinyCheckpoint.hashes(out))
                .containsEntry(
                        "model.safetensors",
                        TinyCheckpoint.hashes(checkpoint.directory()).get("model.safetensors"));
    }

    @Test
    void givesTheDirectoryThePermissionsOfAnyOther() throws IOException {
        collapse();
        Path other = Files.createDirectory(directory.resolve("other"));
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(out)))
                .isEqualTo(PosixFilePermissions.toString(Files.getPosixFilePermissions(other)));
    }

    @Test
    void refusesSettingsThatMakeNoSense() throws IOException {
        assertUsage(collapse("--threshold", 7), "the threshold must be from -1 to 1, not 7.0");
        assertUsage(collapse("--layers", 1), "a merge takes at least 2 layers, not 1");
        assertUsage(collapse("--interval", 0), "the interval must be at least 1, not 0");
        assertUsage(collapse("--low", 5, "--high", 5), "the range [5, 5] is empty: low must be below high");
        assertUsage(
                collapse("--rule", "sum"),
                "Invalid value for option '--rule': unknown merge rule sum, expected one of telescoped, rdsc, mean, "
                        + "keep-first, damped-rdsc:λ, norm-preserving:RULE, best:RULE,RULE");
        assertUsage(
                collapse("--norms", "none"),
                "Invalid value for option '--norms': 'none' is no norm policy, expected from-base, from-last or merged");
        assertUsage(
                collapse("--max-shard-size", "big"),
                "Invalid value for option '--max-shard-size': 'big' is not a size, expected one such as 5GB, 500MB or "
                        + "2GiB");
        assertUsage(
                collapse("--threshold", 0.5, "--target-layers", 6),
                "a threshold and a target of 6 layers exclude one another: with a target the threshold is found");
        assertUsage(
                collapse("--search", "greedy"),
                "the search greedy needs a target: call targetLayers(…), targetRatio(…) or targetBytes(…)");
        assertUsage(collapse("--lwo", 1), "Unknown option '--lwo': did you mean '--low'?");
        assertUsage(Run.laco("collapse", checkpoint.directory()), "Missing required parameter: 'OUT' (or --no-write)");
        assertUsage(Run.laco("collapse"), "Missing required parameter: 'MODEL'");
        assertThat(out).doesNotExist();
    }

    private static void assertUsage(Run run, String message) {
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.out()).isEmpty();
        assertThat(run.err()).startsWith("laco: " + message + "\n").endsWith("Try 'laco collapse --help'.\n");
    }

    @Test
    void returns130IfItsThreadIsInterrupted() throws IOException {
        Thread.currentThread().interrupt();
        Run run = collapse();
        // Whoever was interrupted in a read still has its flag set.
        Thread.interrupted();
        assertThat(run.exitCode()).isEqualTo(130);
        assertThat(run.err()).endsWith("laco: interrupted\n");
        assertThat(out).doesNotExist();
    }
}
