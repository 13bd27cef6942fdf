package org.laco.sweep;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeptScoreTest {
    private static final SweepPoint ORIGINAL = point(SweepPoint.ORIGINAL, 8.0, 0.5);

    @TempDir
    private Path directory;

    private static SweepPoint point(String method, double perplexity, Double accuracy) {
        return new SweepPoint(
                method,
                2,
                100,
                0,
                1,
                Map.of("news", perplexity),
                accuracy,
                accuracy == null ? Map.of() : Map.of("accNorm", 0.375, "accNormStandardError", 0.0625),
                Map.of(),
                null,
                null,
                Map.of(),
                0,
                0,
                0,
                List.of(List.of(0), List.of(1, 2)),
                List.of(),
                Map.of(),
                List.of(),
                0);
    }

    @Test
    void isTheShareOfTheOriginalsAccuracyAndTheRatioOfPerplexities() {
        KeptScore kept = KeptScore.of(point("runs", 10, 0.4375), List.of(ORIGINAL));

        assertThat(kept.accuracy()).isEqualTo(0.875);
        assertThat(kept.perplexityRatio()).containsExactly(Map.entry("news", 1.25));
        assertThat(KeptScore.of(ORIGINAL, List.of(ORIGINAL)))
                .isEqualTo(new KeptScore(1.0, Map.of("news", 1.0), Map.of()));
    }

    @Test
    void isEmptyWhereThereIsNothingToCompareWith() {
        assertThat(KeptScore.of(point("runs", 10, null), List.of(ORIGINAL)).accuracy())
                .isNull();
        assertThat(KeptScore.of(point("runs", 10, 0.5), List.of(point(SweepPoint.ORIGINAL, 8, 0.0)))
                        .accuracy())
                .isNull();
        assertThat(KeptScore.of(point("runs", 10, 0.4375), List.of()))
                .isEqualTo(new KeptScore(null, Map.of(), Map.of()));
    }

    @Test
    void standsInTheTableTheCsvTheJsonAndThePage() throws Exception {
        List<SweepPoint> points = List.of(ORIGINAL, point("runs", 10, 0.4375), point("last", 16, null));

        assertThat(SweepReport.table(points).get(1)).containsSubsequence("8.00", "1.000", "0.5000", "100.0 %");
        assertThat(SweepReport.table(points).get(2))
                .containsSubsequence("10.00", "1.250", "0.4375", "87.5 %", "", "0.3750", "0.0625");
        SweepReport.write(directory, Map.of(), points);

        assertThat(Files.readString(directory.resolve("sweep.csv")))
                .contains(",perplexity:news,perplexityRatio:news,accuracy,accuracyKept,", ",10.0,1.25,0.4375,0.875,")
                .contains(",accuracyStandardError,accNorm,accNormStandardError,accBytes,accBytesStandardError,")
                .contains(",0.4375,0.875,,0.375,0.0625,,,")
                .contains(",16.0,2.0,,,,,,,,");
        JsonNode json =
                new ObjectMapper().readTree(directory.resolve("sweep.json").toFile());
        assertThat(json.get(1).get("method").asText()).isEqualTo("runs");
        assertThat(json.get(1).get("kept").toString())
                .isEqualTo("{\"accuracy\":0.875,\"perplexityRatio\":{\"news\":1.25},\"tasks\":{}}");
        assertThat(Files.readString(directory.resolve("sweep.html")))
                .contains("<th scope=\"col\">ratio to original</th>", "<td>1.250</td>", "<td>87.5 %</td>");
    }
}
