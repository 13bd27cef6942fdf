package org.laco.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Added tokens that end the process in the native library are refused before it sees them, and no others. */
class AddedTokensTest {
    private static final String STRIP = "{\"type\":\"Strip\",\"strip_left\":true,\"strip_right\":true}";
    private static final Map<String, String> NORMALIZERS = Map.ofEntries(
            Map.entry("none", "null"),
            Map.entry("strip", STRIP),
            Map.entry("strip-left", "{\"type\":\"Strip\",\"strip_left\":true,\"strip_right\":false}"),
            Map.entry("no-strip", "{\"type\":\"Strip\",\"strip_left\":false,\"strip_right\":false}"),
            Map.entry("replace", "{\"type\":\"Replace\",\"pattern\":{\"String\":\"x\"},\"content\":\"\"}"),
            Map.entry("replace-spaces", "{\"type\":\"Replace\",\"pattern\":{\"Regex\":\"\\\\s+\"},\"content\":\"\"}"),
            Map.entry("replace-by-one", "{\"type\":\"Replace\",\"pattern\":{\"Regex\":\"\\\\s+\"},\"content\":\" \"}"),
            Map.entry("lowercase", "{\"type\":\"Lowercase\"}"),
            Map.entry("nfc", "{\"type\":\"NFC\"}"),
            Map.entry("nfkd", "{\"type\":\"NFKD\"}"),
            Map.entry("nmt", "{\"type\":\"Nmt\"}"),
            Map.entry("strip-accents", "{\"type\":\"StripAccents\"}"),
            Map.entry("byte-level", "{\"type\":\"ByteLevel\"}"),
            Map.entry("prepend", "{\"type\":\"Prepend\",\"prepend\":\"_\"}"),
            Map.entry(
                    "bert",
                    "{\"type\":\"BertNormalizer\",\"clean_text\":true,\"handle_chinese_chars\":true,\"strip_accents\":null,"
                            + "\"lowercase\":true}"),
            Map.entry("lowercase-strip", sequence("{\"type\":\"Lowercase\"}", STRIP)),
            Map.entry("strip-prepend", sequence(STRIP, "{\"type\":\"Prepend\",\"prepend\":\"_\"}")),
            Map.entry("nfd-strip-accents", sequence("{\"type\":\"NFD\"}", "{\"type\":\"StripAccents\"}")),
            Map.entry("empty-sequence", sequence()));

    @TempDir
    Path directory;

    private static String sequence(String... normalizers) {
        return "{\"type\":\"Sequence\",\"normalizers\":[" + String.join(",", normalizers) + "]}";
    }

    private Path write(String normalizer, List<String> contents, boolean normalized) throws IOException {
        JsonMapper mapper = new JsonMapper();
        ObjectNode tokenizer = mapper.createObjectNode();
        for (String content : contents) {
            tokenizer
                    .withArray("added_tokens")
                    .addObject()
                    .put("id", 2 + tokenizer.withArray("added_tokens").size())
                    .put("content", content)
                    .put("single_word", false)
                    .put("lstrip", false)
                    .put("rstrip", false)
                    .put("normalized", normalized)
                    .put("special", false);
        }
        tokenizer.set("normalizer", mapper.readTree(NORMALIZERS.get(normalizer)));
        tokenizer.set(
                "model", mapper.readTree("{\"type\":\"WordLevel\",\"vocab\":{\"?\":0,\"a\":1},\"unk_token\":\"?\"}"));
        return Files.writeString(directory.resolve("tokenizer.json"), tokenizer.toString());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "strip|'   '|'\"   \"'",
                "strip|'\u3000'|'\"\\u3000\"'",
                "strip-left|'  '|'\"  \"'",
                "lowercase-strip|'\t'|'\"\\t\"'",
                "strip-prepend|'   '|'\"   \"'",
                "replace|xxx|'\"xxx\"'",
                "replace-spaces|'  '|'\"  \"'",
                "nmt|'\u0001'|'\"\\u0001\"'",
                "bert|'\u0007'|'\"\\u0007\"'",
                "bert|'\u0000\ufffd'|'\"\\u0000\\uFFFD\"'",
                "strip-accents|'\u0301'|'\"\\u0301\"'",
                "nfd-strip-accents|'\u0301\u0302'|'\"\\u0301\\u0302\"'",
                "replace|'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx'|'\"xxxxxxxxxxxxxxxxxxxx\\u2026\"'",
            })
    void refusesATokenOfWhichNothingIsLeftAndNamesIt(String normalizer, String content, String shown)
            throws IOException {
        Path file = write(normalizer, List.of("<s>", content), true);
        assertThatIOException()
                .isThrownBy(() -> HfTokenizer.open(directory))
                .withMessage(file + ": added_tokens[1] has the content " + shown
                        + ", of which the normalizer leaves nothing, so that it would be found between any two characters: set its "
                        + "\"normalized\" to false, or remove it");

        write(normalizer, List.of("<s>", content), false);
        assertReads("é日本");
    }

    /** The process would end here, and with it this test, if nothing were left. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "none|'   '",
                "strip|' a '",
                "strip|'\u200b'",
                "no-strip|'   '",
                "replace|xay",
                "replace-by-one|'\n\n'",
                "lowercase|'  '",
                "lowercase|'\u200b'",
                "nfc|'\u0301'",
                "nfkd|'\u00a8'",
                "nmt|'\u200b'",
                "byte-level|' '",
                "byte-level|'\u0000'",
                "prepend|' '",
                "bert|'  '",
                "bert|日",
                "strip-accents|é",
                "empty-sequence|' '",
                "strip|<endoftext>",
            })
    void takesATokenOfWhichAnythingIsLeft(String normalizer, String content) throws IOException {
        write(normalizer, List.of(content, "<s>"), true);
        assertReads("é日本 " + content + "ü");
    }

    private Path writeStripping(String normalizer, boolean normalized, boolean alsoRight, boolean otherNormalized)
            throws IOException {
        Path file = write(normalizer, List.of(" ", "_"), true);
        JsonMapper mapper = new JsonMapper();
        JsonNode tokenizer = mapper.readTree(file.toFile());
        ((ObjectNode) tokenizer.at("/added_tokens/0"))
                .put("lstrip", true)
                .put("rstrip", alsoRight)
                .put("normalized", normalized);
        ((ObjectNode) tokenizer.at("/added_tokens/1")).put("rstrip", true).put("normalized", otherNormalized);
        return Files.writeString(file, tokenizer.toString());
    }

    @ParameterizedTest
    @CsvSource({"none, true", "none, false", "lowercase, true", "replace, false"})
    void refusesWhiteSpaceThatTakesWhatMayBeTakenAlready(String normalizer, boolean normalized) throws IOException {
        Path file = writeStripping(normalizer, normalized, false, normalized);
        assertThatIOException()
                .isThrownBy(() -> HfTokenizer.open(directory))
                .withMessage(file
                        + ": added_tokens[0] has the content \" \", white space that takes what is before it, which a token that "
                        + "takes what is after it may have taken already: set its \"lstrip\" to false, or remove it");
    }

    @Test
    void takesWhiteSpaceThatTakesOnBothSidesOrIsLookedForApartFromOthers() throws IOException {
        writeStripping("lowercase", true, true, true);
        assertReads("__    ß");
        writeStripping("lowercase", true, false, false);
        assertReads("__    ß");
        writeStripping("prepend", true, false, true);
        assertReads("__    ß");
    }

    @Test
    void leavesOutATokenThatIsEmptyAsTheLibraryDoes() throws IOException {
        write("strip", List.of("", "<s>"), true);
        assertReads("é日本");
    }

    @Test
    void refusesAKeyThatIsThereTwice() throws IOException {
        Path file = write("strip", List.of("  "), true);
        Files.writeString(
                file,
                Files.readString(file).replace("\"normalized\":true", "\"normalized\":true,\"normalized\":false"));
        assertThatIOException()
                .isThrownBy(() -> HfTokenizer.open(directory))
                .withMessage(file + ": added_tokens has a key twice");
    }

    @Test
    void takesTokensOfPublishedKinds() throws IOException {
        List<String> contents = List.of(
                "<s>",
                "</s>",
                "<unk>",
                "<|endoftext|>",
                "                        ",
                "\n\n",
                "\t\t",
                "[MASK]",
                "<0x0A>",
                "▁▁",
                "日本",
                "é");
        for (String normalizer : List.of("none", "nfc", "lowercase", "bert", "byte-level", "prepend")) {
            write(normalizer, contents, true);
            assertReads("é 日本 </s>\n\n[MASK]");
        }
    }

    private void assertReads(String text) throws IOException {
        try (HfTokenizer tokenizer = HfTokenizer.open(directory)) {
            assertThat(tokenizer.encodeWithoutSpecialTokens(text)).isNotEmpty();
        }
    }
}
