package org.laco.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.hash.Hashing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.laco.cli.Run;
import org.laco.cli.TinyCheckpoint;

class VerifyCommandTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path directory;

    private TinyCheckpoint checkpoint;
    private Path out;

    @BeforeEach
    void copy() throws IOException {
        checkpoint = TinyCheckpoint.copyTo(directory.resolve("model"));
        out = directory.resolve("out");
    }

    private void collapse(Object... more) throws IOException {
        Run run = Run.laco(Stream.concat(
                        Stream.of(
                                "collapse",
                                checkpoint.directory(),
                                out,
                                "--calibration",
                                checkpoint.calibration(),
                                "--target-layers",
                                6,
                                "--search",
                                "last"),
                        Stream.of(more))
                .toArray());
        assertThat(run.exitCode()).as(run.err()).isZero();
    }

    private Run verify() {
        return Run.laco("verify", out, "--source", checkpoint.directory(), "--json");
    }

    /** The outcome of each check by its name. */
    private static Map<String, String> outcomes(Run run) throws IOException {
        Map<String, String> outcomes = new TreeMap<>();
        run.json()
                .get("checks")
                .forEach(check -> outcomes.put(
                        check.get("name").asText(), check.get("outcome").asText()));
        return outcomes;
    }

    private static String detail(Run run, String name) throws IOException {
        for (JsonNode check : run.json().get("checks")) {
            if (check.get("name").asText().equals(name)) {
                return check.get("detail").asText();
            }
        }
        throw new AssertionError(name);
    }

    /** Changes a byte, and the record's hash of the file if that is wanted. */
    private static void changeByte(Path file, long fromEnd) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length - (int) fromEnd] ^= 0x10;
        Files.write(file, bytes);
    }

    private void changeRecord(String file) throws IOException {
        ObjectNode record = (ObjectNode) JSON.readTree(out.resolve("laco.json").toFile());
        ((ObjectNode) record.get("outputs"))
                .put(
                        file,
                        Hashing.sha256()
                                .hashBytes(Files.readAllBytes(out.resolve(file)))
                                .toString());
        Files.writeString(out.resolve("laco.json"), record.toString());
    }

    @Test
    void findsNothingWrongWithWhatWasWritten() throws IOException {
        collapse();
        Run run = verify();

        assertThat(run.exitCode()).as(run.out()).isZero();
        assertThat(run.json().get("verified").asBoolean()).isTrue();
        assertThat(outcomes(run))
                .containsExactly(
                        Map.entry("inputs", "passed"),
                        Map.entry("outputs", "passed"),
                        Map.entry("plan", "passed"),
                        Map.entry("similarity", "passed"));
        assertThat(run.err()).contains("plan        passed   ");
    }

    @Test
    void checksTheHashesWithoutTheOriginalAndSaysWhatItDidNotCheck() throws IOException {
        collapse();
        Run run = Run.laco("verify", out);

        assertThat(run.exitCode()).isZero();
        assertThat(run.out())
                .contains("outputs     passed   ")
                .contains("plan        skipped  the original is needed to make the weights anew\n")
                .contains("similarity  skipped  the original is needed to measure it\n");
        changeByte(out.resolve("model.safetensors"), 1);
        Run changed = Run.laco("verify", out);
        assertThat(changed.exitCode()).isEqualTo(1);
        assertThat(changed.out())
                .contains("outputs     failed   " + out + ": model.safetensors is not the file of the record\n");
    }

    @Test
    void findsAFileThatIsMissing() throws IOException {
        collapse();
        Files.delete(out.resolve("config.json"));
        Run run = Run.laco("verify", out, "--json");

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(detail(run, "outputs")).isEqualTo(out + ": config.json is missing");
    }

    @Test
    void findsAWeightThatDoesNotFollowFromThePlanThoughItsHashWasRecorded() throws IOException {
        collapse();
        // The last byte of a bfloat16 holds its sign and most of its exponent.
        changeByte(out.resolve("model.safetensors"), 1);
        changeRecord("model.safetensors");
        Run run = verify();

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(outcomes(run)).containsEntry("outputs", "passed").containsEntry("plan", "failed");
        assertThat(detail(run, "plan")).endsWith(" has other values");
    }

    @Test
    void findsASimilarityThatIsNotTheRecordedOne() throws IOException {
        collapse();
        ObjectNode record = (ObjectNode) JSON.readTree(out.resolve("laco.json").toFile());
        double recorded = record.get("similarity").asDouble();
        Files.writeString(
                out.resolve("laco.json"),
                record.put("similarity", recorded + 2e-5).toString());
        Run run = verify();

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(outcomes(run)).containsEntry("plan", "passed").containsEntry("similarity", "failed");
        assertThat(detail(run, "similarity")).matches("measured 0\\.\\d{6}, recorded 0\\.\\d{6}");
    }

    @Test
    void findsThatTheSourceIsAnother() throws IOException {
        collapse();
        changeByte(checkpoint.weights(), 1);
        Run run = verify();

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(outcomes(run)).containsEntry("outputs", "passed").containsEntry("inputs", "failed");
        assertThat(detail(run, "inputs"))
                .isEqualTo(checkpoint.directory() + ": model.safetensors is not the file of the record");
    }

    @Test
    void comparesFittedWeightsWithTheHashesOfThePlan() throws IOException {
        collapse("--refit", "--refit-repairs", "--refit-tokens-per-input", 0);
        assertThat(JSON.readTree(out.resolve("laco.json").toFile()).get("plan").findValues("sha256"))
                .as("there is a fitted weight")
                .isNotEmpty();
        Run run = verify();

        assertThat(run.exitCode()).as(run.out()).isZero();
        assertThat(outcomes(run))
                .containsEntry("plan", "passed")
                .containsEntry("fitted", "passed")
                .containsEntry("similarity", "passed");
        assertThat(detail(run, "fitted")).contains("they were not made anew");
        ObjectNode record = (ObjectNode) JSON.readTree(out.resolve("laco.json").toFile());
        record.get("plan").findParents("sha256").forEach(tensor -> ((ObjectNode) tensor).put("sha256", "00"));
        Files.writeString(out.resolve("laco.json"), record.toString());
        assertThat(outcomes(verify())).containsEntry("plan", "passed").containsEntry("fitted", "failed");
    }

    @Test
    void saysThatThereAreNoHashes() throws IOException {
        collapse("--no-checksums");
        Run run = verify();

        assertThat(run.exitCode()).isZero();
        assertThat(outcomes(run))
                .containsEntry("inputs", "skipped")
                .containsEntry("outputs", "skipped")
                .containsEntry("plan", "passed");
    }

    @Test
    void needsARecord() {
        Run run = Run.laco("verify", checkpoint.directory());

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err())
                .isEqualTo("laco: " + checkpoint.directory()
                        + " has no laco.json: only a checkpoint that laco wrote can be verified\n");
    }
}
