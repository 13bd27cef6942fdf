package org.laco.io;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.DictionaryEntries;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.provider.MethodSource;
import org.laco.measure.ChoiceItem;

class ChoiceFuzzTest {
    @TempDir
    static Path directory;

    private static HfCheckpoint checkpoint;

    @BeforeAll
    static void open() throws IOException {
        checkpoint = WordCheckpoint.open(directory);
    }

    @AfterAll
    static void close() {
        checkpoint.close();
    }

    static Stream<byte[]> files() {
        return Stream.of(
                        "{\"context\":\"the capital of\",\"choices\":[\" the\",\" model\"],\"answer\":1,\"kind\":\"a\"}\n",
                        "\n{\"context\":\"the\",\"choices\":[\" of\"],\"answer\":0}",
                        "[{\"context\":\"the\",\"choices\":[\" of\"],\"answer\":0}]")
                .map(text -> text.getBytes(StandardCharsets.UTF_8));
    }

    @DictionaryEntries({"\"context\":\"", "\"choices\":[\"", "\"answer\":", "\"kind\":", "2147483648", "-1", "0.9"})
    @MethodSource("files")
    @FuzzTest
    void holdsQuestionsOrIsRefusedInOneSentence(byte[] input) throws IOException {
        Path file = Files.write(directory.resolve("choices.jsonl"), input);
        try {
            assertThat(ChoiceFile.read(file, checkpoint.tokenizer()))
                    .isNotEmpty()
                    .allSatisfy(ChoiceFuzzTest::assertWhole);
        } catch (IOException e) {
            assertThat(e.getMessage()).startsWith(file.toString());
        }
    }

    private static void assertWhole(ChoiceItem item) {
        assertThat(item.choices()).isNotEmpty();
        assertThat(item.answer()).isBetween(0, item.choices().size() - 1);
    }
}
