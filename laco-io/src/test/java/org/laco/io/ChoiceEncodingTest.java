package org.laco.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.laco.measure.ChoiceItem;

/** Holds questions' tokens against those of lm-evaluation-harness, for a tokenizer that puts a space before every text. */
class ChoiceEncodingTest {
    private static final Path DIRECTORY = Path.of("src/test/resources/choices");

    private static HfTokenizer tokenizer;

    @TempDir
    Path directory;

    @BeforeAll
    static void open() throws IOException {
        tokenizer = HfTokenizer.open(DIRECTORY);
    }

    @AfterAll
    static void close() {
        tokenizer.close();
    }

    private ImmutableList<ChoiceItem> read(String content) throws IOException {
        return ChoiceFile.read(Files.writeString(directory.resolve("questions"), content), tokenizer);
    }

    @Test
    void cutsContextAndChoiceWhereTheHarnessDoes() throws IOException {
        JsonNode expected =
                new ObjectMapper().readTree(DIRECTORY.resolve("encoded.json").toFile());
        assertThat(expected).hasSize(7);
        for (JsonNode question : expected) {
            ChoiceItem item = read(question.toString()).get(0);
            assertThat(item.context().toArray()).as("%s", question).containsExactly(ids(question.get("context_ids")));
            assertThat(item.choices()).hasSameSizeAs(question.get("choices"));
            for (int i = 0; i < item.choices().size(); i++) {
                assertThat(item.choices().get(i).toArray())
                        .as("%s, choice %s", question, i)
                        .containsExactly(ids(question.get("choice_ids").get(i)));
            }
        }
    }

    private static int[] ids(JsonNode node) {
        return StreamSupport.stream(node.spliterator(), false)
                .mapToInt(JsonNode::intValue)
                .toArray();
    }

    @Test
    void givesAChoiceNoTokenThatTheWholeTextDoesNotHave() throws IOException {
        ChoiceItem item = read("{\"context\": \"x\", \"choices\": [\" Paris\"], \"answer\": 0}")
                .get(0);

        assertThat(IntStream.concat(item.context().stream(), item.choices().get(0).stream())
                        .toArray())
                .containsExactly(tokenizer.encode("x Paris"));
        // By itself the choice would begin with a space more.
        assertThat(tokenizer.encodeWithoutSpecialTokens(" Paris")).hasSize(2);
        assertThat(item.choices().get(0).length()).isEqualTo(1);
    }

    @Test
    void movesSpacesAtTheContextsEndToTheChoices() throws IOException {
        ImmutableList<ChoiceItem> items =
                read("{\"context\": \"the capital is: \", \"choices\": [\"Paris\"], \"answer\": 0}\n"
                        + "{\"context\": \"the capital is:\", \"choices\": [\" Paris\"], \"answer\": 0}\n");

        assertThat(items.get(0).context()).isEqualTo(items.get(1).context());
        assertThat(items.get(0).choices()).isEqualTo(items.get(1).choices());
        assertThat(items.get(0).choiceTexts()).containsExactly("Paris");
        assertThat(items.get(1).choiceTexts()).containsExactly(" Paris");
    }

    @Test
    void refusesAChoiceThatAddsNothing() {
        assertThatThrownBy(() -> read("{\"context\": \"x\", \"choices\": [\" Paris\", \"\"], \"answer\": 0}"))
                .hasMessage(directory.resolve("questions") + ", line 1: choice 1 adds no token to the context");
        assertThatThrownBy(() -> read("{\"context\": \"x\", \"choices\": [\" Paris\", \" \"], \"answer\": 0}"))
                .hasMessage(directory.resolve("questions")
                        + ", line 1: choice 1 is \" \", expected text after its leading space");
    }
}
