package org.laco.io;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.DictionaryEntries;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.provider.MethodSource;
import org.laco.plan.CollapsePlan;

class PlanFuzzTest {
    private final PlanJson json = new PlanJson();

    @TempDir
    static Path directory;

    static Stream<byte[]> plans() {
        return Stream.of(
                        "{\"originalLayers\":4,\"layers\":[0,1,{\"merge\":[2,3],\"rule\":\"telescoped\",\"norms\":\"from-base\"}]}",
                        "{\"originalLayers\":3,\"layers\":[{\"checkpoint\":\"b\",\"layer\":2},{\"merge\":[1,{\"merge\":[1,2],"
                                + "\"rule\":\"norm-preserving:damped-rdsc:0.5\",\"norms\":\"merged\"}],\"rule\":\"mean\","
                                + "\"norms\":\"from-last\"}]}",
                        "{\"plan\":{\"originalLayers\":2,\"layers\":[{\"refit\":{\"merge\":[0,1],\"rule\":\"keep-first\"},"
                                + "\"tensors\":{\"w\":{\"method\":\"ridge\",\"ridge\":0.1,\"errorBefore\":0.5,\"errorAfter\":0.25,"
                                + "\"sha256\":\"00\"}}}]}}")
                .map(plan -> plan.getBytes(StandardCharsets.UTF_8));
    }

    @DictionaryEntries({
        "\"originalLayers\":", "\"layers\":[", "\"merge\":[", "\"rule\":\"", "\"norms\":\"", "\"refit\":",
                "\"tensors\":{",
        "\"checkpoint\":\"", "\"layer\":", "\"sha256\":\"", "\"ridge\":", "\"errorBefore\":", "\"errorAfter\":",
                "telescoped",
        "damped-rdsc:", "best:rdsc,mean", "norm-preserving:", "keep-first", "from-last", "1e999", "2147483648"
    })
    @MethodSource("plans")
    @FuzzTest
    void isReadAndWrittenAsItWasOrRefusedInOneSentence(byte[] input) throws IOException {
        Path file = Files.write(directory.resolve("plan.json"), input);
        CollapsePlan plan;
        try {
            plan = json.read(file);
        } catch (IOException e) {
            assertThat(e.getMessage()).startsWith(file.toString()).containsPattern("\\.json(: | is )");
            return;
        }
        assertThat(json.decode(json.encode(plan))).isEqualTo(plan);
        Files.write(file, new Json().encode(json.encode(plan)));
        assertThat(json.read(file)).isEqualTo(plan);
    }
}
