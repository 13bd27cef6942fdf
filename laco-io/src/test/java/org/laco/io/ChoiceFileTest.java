package org.laco.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.laco.measure.ChoiceItem;

class ChoiceFileTest {
    private static final String QUESTION = "{\"context\": \"a\", \"choices\": [\" b\", \" c\"], \"answer\": %s}";

    @TempDir
    Path directory;

    private ImmutableList<ChoiceItem> read(String content) throws IOException {
        Path file = Files.writeString(directory.resolve("questions"), content);
        try (HfTokenizer tokenizer =
                HfTokenizer.open(Fixture.root().resolve("gpt2").resolve("model"))) {
            return ChoiceFile.read(file, tokenizer);
        }
    }

    @Test
    void takesAWholeNumberHoweverItIsWritten() throws IOException {
        assertThat(read(String.format(QUESTION, "1.0")).get(0).answer()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0.9", "1e99", "NaN"})
    void refusesAnAnswerThatIsNoNumberOfAChoice(String answer) {
        assertThatThrownBy(() -> read(String.format(QUESTION, "0") + "\n" + String.format(QUESTION, answer)))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith(directory.resolve("questions") + ", line 2: the answer is ")
                .hasMessageEndingWith(", expected the number of a choice, from 0");
    }

    @Test
    void passesOverAByteOrderMark() throws IOException {
        assertThat(read("\uFEFF" + String.format(QUESTION, "0"))).isEqualTo(read(String.format(QUESTION, "0")));
    }

    @Test
    void refusesAnArrayOfQuestions() {
        assertThatThrownBy(() -> read("[\n" + String.format(QUESTION, "0") + "\n]"))
                .hasMessage(
                        directory.resolve("questions") + " holds a JSON array, expected JSON lines: one object a line,"
                                + " such as {\"context\": …, \"choices\": […], \"answer\": 0}");
    }

    @Test
    void readsATaskFromEachFileOfADirectory() throws IOException {
        Path tasks = Files.createDirectory(directory.resolve("tasks"));
        String question = String.format(QUESTION, "0");
        Files.writeString(tasks.resolve("b.jsonl"), question);
        Files.writeString(tasks.resolve("a.x.jsonl"), question + "\n" + question);
        Files.writeString(tasks.resolve("notes.txt"), "no question");
        try (HfTokenizer tokenizer =
                HfTokenizer.open(Fixture.root().resolve("gpt2").resolve("model"))) {
            ImmutableMap<String, ImmutableList<ChoiceItem>> read = ChoiceFile.readAll(tasks, tokenizer);

            assertThat(read.keySet()).containsExactly("a.x", "b");
            assertThat(read.get("a.x")).hasSize(2);
            assertThatThrownBy(() -> ChoiceFile.readAll(directory, tokenizer))
                    .hasMessage(directory + " holds no .jsonl file, expected one a task");
            assertThatThrownBy(() -> ChoiceFile.readAll(tasks.resolve("b.jsonl"), tokenizer))
                    .hasMessage(tasks.resolve("b.jsonl") + " is no directory, expected one with a .jsonl file a task");
            Files.writeString(tasks.resolve("c.jsonl"), "{}");
            assertThatThrownBy(() -> ChoiceFile.readAll(tasks, tokenizer))
                    .hasMessageStartingWith(tasks.resolve("c.jsonl") + ", line 1: ");
        }
    }
}
