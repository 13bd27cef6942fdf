package org.laco.io;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.DictionaryEntries;
import com.code_intelligence.jazzer.junit.FuzzTest;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.provider.MethodSource;
import org.laco.measure.Score;
import org.laco.search.MeasuredScore;

/** Journals of any bytes, and of any lines that have the checksums of what they say, which changed bytes never get past. */
class JournalFuzzTest {
    private static final String HEADER =
            "{\"journal\":1,\"laco\":\"0.1.0\",\"arithmetic\":\"oneDNN\",\"inputs\":{\"config.json\":\"12 "
                    + "ab\"},\"calibration\":\"sha256 00\",\"settings\":{\"search\":\"laco\",\"threshold\":0.9}}";
    private static final String SCORES =
            "{\"asked\":\"screen\",\"plans\":[\"00\",\"01\"],\"scores\":[{\"metric\":\"cosine\",\"value\":"
                    + "\"0x1.8p-1\",\"perSequence\":[\"0x1.8p-1\"],\"precision\":\"float32\"},{\"metric\":\"cosine\",\"value\":\"NaN\","
                    + "\"perSequence\":[],\"precision\":\"bfloat16\"}]}";

    private static final String LEARNT =
            "{\"search\":\"runs to 5\",\"learnt\":[{\"by\":\"cosine\",\"tolerance\":\"0x1.0p-16\",\"rows\":256,\"tokens\":64,"
                    + "\"kind\":\"FITTED\",\"fit\":\"ridge:1.0\",\"plan\":{\"originalLayers\":3,\"layers\":[0,{\"merge\":[1,2],"
                    + "\"rule\":\"telescoped\",\"norms\":\"base\"}]},\"score\":{\"metric\":\"cosine\",\"value\":\"0x1.8p-1\","
                    + "\"perSequence\":[],\"precision\":\"float32\"}}]}";

    @TempDir
    static Path directory;

    static Stream<byte[]> journals() {
        byte[] lines = bytes(HEADER + "\n" + SCORES + "\n" + SCORES + "\n");
        byte[] journal = withChecksums(lines);
        return Stream.of(
                lines,
                journal,
                withChecksums(bytes(HEADER + "\n" + LEARNT + "\n"
                        + SCORES.replace("{\"asked\"", "{\"search\":\"\",\"asked\"") + "\n")),
                Arrays.copyOf(journal, journal.length - 20),
                bytes(HEADER + "\n{\"asked\":\"confirm\",\"plans\":[],\"scores\":[]}\n"),
                bytes("{}\n"),
                bytes(""));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** Makes a journal of lines that end in line feeds; a last one without is left as it is. */
    private static byte[] withChecksums(byte[] lines) {
        ByteArrayOutputStream journal = new ByteArrayOutputStream();
        CRC32C checksum = new CRC32C();
        int start = 0;
        for (int at = 0; at < lines.length; at++) {
            if (lines[at] == '\n') {
                checksum.update(lines, start, at - start);
                journal.writeBytes(bytes(String.format("%08x ", checksum.getValue())));
                journal.write(lines, start, at + 1 - start);
                start = at + 1;
            }
        }
        journal.write(lines, start, lines.length - start);
        return journal.toByteArray();
    }

    @DictionaryEntries({
        "\"asked\":",
        "\"screen\"",
        "\"confirm\"",
        "\"fitted\"",
        "\"plans\":[",
        "\"scores\":[",
        "\"metric\":",
        "\"value\":",
        "\"perSequence\":[",
        "\"precision\":",
        "\"float32\"",
        "\"bfloat16\"",
        "\"0x1.8p-1\"",
        "\"NaN\"",
        "\"-Infinity\"",
        "\"inputs\":{",
        "\"settings\":{",
        "\"search\":",
        "\"learnt\":[",
        "\"begun\":{",
        "\"kind\":",
        "\"SCREENED\"",
        "\"CONFIRMED\"",
        "\"FITTED\"",
        "\"plan\":{",
        "\"originalLayers\":",
        "\"layers\":["
    })
    @MethodSource("journals")
    @FuzzTest
    void isReadUpToALineWithoutAnEndOrRefusedWithTheLine(byte[] input) throws IOException {
        check(input);
        check(withChecksums(input));
    }

    private static void check(byte[] content) throws IOException {
        Path path = Files.write(directory.resolve(".out.laco-journal"), content);
        List<JsonNode> lines;
        try (JournalFile file = JournalFile.open(path)) {
            try {
                lines = file.read();
            } catch (IOException e) {
                assertDamaged(path, e);
                assertThat(path).hasBinaryContent(content);
                return;
            }
            try {
                JournalScores.of(file, lines);
                lines.stream().skip(1).flatMap(line -> scores(line)).forEach(JournalFuzzTest::assertKept);
            } catch (IOException e) {
                assertDamaged(path, e);
            }
            checkSeries(file, lines, path);
            if (!lines.isEmpty()) {
                JsonNode header = new Json().readLine(HEADER);
                assertThat(JournalHeader.difference(header, lines.get(0), "").isEmpty())
                        .isEqualTo(JournalHeader.difference(lines.get(0), header, "")
                                .isEmpty());
            }
            assertThat(path).hasBinaryContent(withoutUnfinishedLine(content));
            file.append(new Json().readLine(SCORES));
        }
        try (JournalFile file = JournalFile.open(path)) {
            List<JsonNode> again = file.read();
            assertThat(again).hasSize(lines.size() + 1);
            assertThat(again.subList(0, lines.size())).isEqualTo(lines);
            assertThat(file.lines()).isEqualTo(again.size());
        }
    }

    private static void checkSeries(JournalFile file, List<JsonNode> lines, Path path) {
        MeasuredScoreJson json = new MeasuredScoreJson();
        try {
            SeriesLines series = SeriesLines.of(file, lines);
            for (JsonNode line : lines) {
                List<MeasuredScore> learnt = series.learnt(line.path("search").asText());
                assertThat(json.decode(learnt.stream().map(json::encode).toList()))
                        .isEqualTo(learnt);
            }
        } catch (IOException e) {
            assertDamaged(path, e);
        }
    }

    private static Stream<JsonNode> scores(JsonNode line) {
        Stream.Builder<JsonNode> scores = Stream.builder();
        line.path("scores").forEach(scores);
        return scores.build();
    }

    private static void assertKept(JsonNode encoded) {
        Score score = ScoreJson.decode(encoded);
        ObjectNode again = new Json().object();
        ScoreJson.encode(score, again);
        assertThat(ScoreJson.decode(again)).isEqualTo(score);
    }

    private static void assertDamaged(Path path, IOException e) {
        assertThat(e.getMessage())
                .matches("(?s)\\Q" + path.toString()
                        + "\\E, line [0-9]+: the journal is damaged, the line .+: remove it to begin anew");
    }

    private static byte[] withoutUnfinishedLine(byte[] content) {
        int end = content.length;
        while (end > 0 && content[end - 1] != '\n') {
            end--;
        }
        return Arrays.copyOf(content, end);
    }
}
