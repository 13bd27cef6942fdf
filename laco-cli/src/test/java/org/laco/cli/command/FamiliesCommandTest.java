package org.laco.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.common.collect.ImmutableSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.laco.cli.Run;
import org.laco.model.family.Families;

class FamiliesCommandTest {
    private static final Path RESOURCES = Path.of("../laco-io/src/test/resources");

    /** Types that transformers has no class for, whose numbers a PyTorch module computed. */
    private static final ImmutableSet<String> NOT_IN_TRANSFORMERS = ImmutableSet.of("baichuan");

    private static final ObjectMapper JSON = new ObjectMapper();

    /** The table is right if it is what the checkpoints of the tests say; this is what it has to be. */
    @Test
    void theTableNamesWhatTheTestsHave() throws IOException {
        ImmutableSet<String> known = Families.all().stream()
                .flatMap(family -> family.modelTypes().stream())
                .collect(ImmutableSet.toImmutableSet());
        JsonNode gradients =
                JSON.readTree(RESOURCES.resolve("references/gradients.json").toFile());
        Map<String, int[]> counts = new TreeMap<>();
        for (Path checkpoint : checkpoints()) {
            int[] count = counts.computeIfAbsent(type(checkpoint, known), type -> new int[2]);
            count[0]++;
            count[1] += gradients.has(checkpoint.getFileName().toString()) ? 1 : 0;
        }

        List<String> rows = CheckedTypes.read().byType().entrySet().stream()
                .map(row -> row(
                        row.getKey(),
                        row.getValue().source(),
                        row.getValue().checkpoints(),
                        row.getValue().gradients()))
                .toList();

        assertThat(rows)
                .as("laco-cli/src/main/resources/org/laco/cli/command/checked-types.txt")
                .containsExactlyElementsOf(counts.entrySet().stream()
                        .map(each -> row(
                                each.getKey(),
                                NOT_IN_TRANSFORMERS.contains(each.getKey()) ? "PyTorch" : "transformers",
                                each.getValue()[0],
                                each.getValue()[1]))
                        .toList());
    }

    private static String row(String type, String source, int checkpoints, int gradients) {
        return String.join(" ", type, source, String.valueOf(checkpoints), String.valueOf(gradients));
    }

    private static List<Path> checkpoints() throws IOException {
        try (Stream<Path> fixtures = Files.list(RESOURCES.resolve("fixtures"));
                Stream<Path> references = Files.list(RESOURCES.resolve("references"))) {
            return Stream.concat(fixtures, references)
                    .filter(folder -> Files.exists(folder.resolve("model/config.json")))
                    .toList();
        }
    }

    /** The type of the checkpoint's language model. */
    private static String type(Path checkpoint, ImmutableSet<String> known) throws IOException {
        JsonNode config = JSON.readTree(checkpoint.resolve("model/config.json").toFile());
        String whole = config.get("model_type").asText();
        return Stream.of(config.path("text_config").path("model_type").asText(whole), whole, whole + "_text")
                .filter(known::contains)
                .findFirst()
                .orElseThrow(() -> new AssertionError(checkpoint + " has no type that is known"));
    }

    @Test
    void saysWhatATypeIsCheckedAgainst() {
        String out = Run.laco("families").out();
        assertThat(out)
                .containsPattern("checked, llama: hidden states of \\d+ tiny checkpoints, by transformers;"
                        + " gradients of \\d+ tiny checkpoints, by PyTorch")
                .containsPattern("checked, kimi_k2: hidden states of \\d+ tiny checkpoint");
    }

    @Test
    void saysOfATypeOfOnesOwnThatLacosTestsHaveNone() throws IOException {
        assertThat(CheckedTypes.read().described("of_ones_own"))
                .isEqualTo("no checkpoint of this type in laco's tests");
    }

    @Test
    void saysWhatIsCheckedOfEveryTypeThatItLists() {
        String out = Run.laco("families").out();
        Families.all().forEach(family -> assertThat(family.modelTypes())
                .allSatisfy(type -> assertThat(out).contains("checked, " + type + ": ")));
    }
}
