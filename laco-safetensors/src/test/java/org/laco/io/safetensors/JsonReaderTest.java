package org.laco.io.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Examples and counterexamples of RFC 8259's grammar. */
class JsonReaderTest {
    private static List<String> tokens(JsonReader reader) throws JsonException {
        List<String> tokens = new ArrayList<>();
        while (reader.next() != JsonReader.Token.END) {
            tokens.add(
                    switch (reader.token()) {
                        case NAME, TEXT, NUMBER, WORD -> reader.token() + " " + reader.text();
                        default -> reader.token().name();
                    });
        }
        return tokens;
    }

    @Test
    void readsValuesInTheirOrder() throws JsonException {
        assertThat(tokens(JsonReader.of(" {\"a\" : [ 1 , {} ,[ ], true,false , null ] ,\n\t\"b\":\"c\"}\r ")))
                .containsExactly(
                        "START_OBJECT",
                        "NAME a",
                        "START_LIST",
                        "NUMBER 1",
                        "START_OBJECT",
                        "END_OBJECT",
                        "START_LIST",
                        "END_LIST",
                        "WORD true",
                        "WORD false",
                        "WORD null",
                        "END_LIST",
                        "NAME b",
                        "TEXT c",
                        "END_OBJECT");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-0", "7", "10", "-12.50", "1e5", "1E+5", "0.1e-07", "123456789012345678901234567890"})
    void readsNumbersAsTheyAreWritten(String number) throws JsonException {
        assertThat(tokens(JsonReader.of(number))).containsExactly("NUMBER " + number);
    }

    @Test
    void readsEscapes() throws JsonException {
        assertThat(tokens(JsonReader.of("\"x\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\uD83D\\ude00y\"")))
                .containsExactly("TEXT x\"\\/\b\f\n\r\té😀y");
    }

    @Test
    void readsBackWhatIsQuoted() throws JsonException {
        StringBuilder text = new StringBuilder("é日😀");
        for (char character = 0; character < 256; character++) {
            text.append(character);
        }
        assertThat(tokens(JsonReader.of(JsonText.quoted(text.toString())))).containsExactly("TEXT " + text);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{|1",
                "{]|1",
                "{\"a\"}|4",
                "{\"a\":1,}|7",
                "{\"a\":1 \"b\":2}|7",
                "{a:1}|1",
                "{\"a\" 1}|5",
                "[1,]|3",
                "[,1]|1",
                "[1 2]|3",
                "[1}|2",
                "01|1!",
                "-|1",
                "+1|0",
                ".5|0",
                "1.|2",
                "1e|2",
                "1e+|3",
                "0x1|1!",
                "NaN|0",
                "tru|0",
                "True|0",
                "nulls|4!",
                "`'a'`|0",
                "\"a|2",
                "\"\\x\"|2",
                "\"\\u12g4\"|5",
                "\"\\u１234\"|3",
                "\"\t\"|1",
                "\uFEFF{}|0",
                "/**/{}|0",
            })
    void refusesWhatIsNoJsonWhereItCeasesToBe(String json, String position) {
        // What follows a whole value is looked at as another one.
        String inList = position.endsWith("!") ? "[" + json + "]" : json;
        int expected = Integer.parseInt(position.replace("!", "")) + (position.endsWith("!") ? 1 : 0);
        assertThatThrownBy(() -> tokens(JsonReader.of(inList)))
                .isInstanceOfSatisfying(
                        JsonException.class, e -> assertThat(e.position()).isEqualTo(expected));
    }

    @Test
    void readsPythonsNumbersIfAsked() throws JsonException {
        assertThat(tokens(JsonReader.ofPython("[NaN,-Infinity,Infinity,-1]")))
                .containsExactly(
                        "START_LIST", "NUMBER NaN", "NUMBER -Infinity", "NUMBER Infinity", "NUMBER -1", "END_LIST");
    }

    @Test
    void passesWholeValues() throws JsonException {
        JsonReader reader = JsonReader.of("[{\"a\":[1,[2]]},3]");
        reader.next();
        reader.next();
        reader.skipValue();
        assertThat(reader.next()).isEqualTo(JsonReader.Token.NUMBER);
        reader.skipValue();
        assertThat(reader.text()).isEqualTo("3");
    }
}
