package org.laco.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is refused here ends the process in the native library. */
class TokenizerCheckTest {
    private static final Path FILE = Path.of("tokenizer.json");

    private static List<TokenizerPattern> check(String json) throws IOException {
        return TokenizerCheck.patterns(json.getBytes(StandardCharsets.UTF_8), FILE);
    }

    private static void refuses(String json, String problem) {
        assertThatThrownBy(() -> check(json)).isInstanceOf(IOException.class).hasMessage(FILE + ": " + problem);
    }

    @ParameterizedTest
    @ValueSource(strings = {"gpt2", "llama31", "mistral"})
    void acceptsTokenizersOfPublishedKinds(String fixture) throws IOException {
        Path file = Fixture.root().resolve(fixture).resolve("model/tokenizer.json");
        TokenizerCheck.patterns(Files.readAllBytes(file), file);
        try (HfTokenizer tokenizer = HfTokenizer.open(file.getParent())) {
            assertThat(tokenizer.encode("The capital of France is")).isNotEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "NaN|25|expected a JSON value",
                "1e400|25|a number is too large",
                "01|25|expected a JSON value",
                "1.|27|a number has no digits after its point",
                "'\"\\ud800\"'|32|a text has half of a surrogate pair in it",
                "'\"\\x\"'|28|a text has an escape that JSON doesn't know",
                "[1,]|28|expected a JSON value",
                "{\"a\" 1}|30|expected a colon",
            })
    void refusesWhatIsNoJsonWhereverItIs(String value, int column, String problem) {
        refuses(
                "{\"decoder\": {\"x\":       " + value + "}}",
                "not valid JSON, line 1, column " + column + ": " + problem);
        assertThatThrownBy(() -> check("{\"model\": [" + value + "]}")).hasMessageEndingWith(problem);
    }

    @Test
    void refusesWhatGoesOnOrEndsTooEarlyOrIsThereTwice() {
        refuses("{} {}", "not valid JSON, line 1, column 4: expected the end of the file");
        refuses("{\"a\": \"b", "not valid JSON, line 1, column 9: a text has no end");
        refuses("[]", "not valid JSON, line 1, column 1: expected an object");
        refuses(
                "{\"a\": 1,\n\"a\": 2}",
                "not valid JSON, line 2, column 7: the key 'a' is there twice, or has an escape in it");
        refuses("{\"a\": " + "[".repeat(65), "not valid JSON, line 1, column 71: values are nested more than 64 deep");
    }

    @Test
    void refusesPartsThatItDoesNotKnow() {
        assertThatThrownBy(() -> check("{\"decoder\": {\"type\": \"Shell\"}}"))
                .hasMessageStartingWith(FILE + ": decoder has the type 'Shell', expected one of BPEDecoder, ");
    }

    @Test
    void refusesRulesThatMakeTextsGrowWithoutBound() {
        String doubling = "{\"type\":\"Replace\",\"pattern\":{\"String\":\"a\"},\"content\":\"aa\"}";
        refuses(
                "{\"normalizer\":{\"type\":\"Sequence\",\"normalizers\":[" + (doubling + ",").repeat(39) + doubling
                        + "]}}",
                "normalizer makes texts more than 64 times longer, which no tokenizer needs");
        refuses(
                "{\"post_processor\":{\"type\":\"TemplateProcessing\",\"single\":["
                        + "{\"Sequence\":{\"id\":\"A\",\"type_id\":0}},".repeat(100)
                        + "{\"Sequence\":{\"id\":\"A\",\"type_id\":0}}]}}",
                "post_processor makes texts more than 64 times longer, which no tokenizer needs");
        refuses(
                "{\"normalizer\":{\"type\":\"Replace\",\"pattern\":{\"String\":\"\"},\"content\":\"a\"}}",
                "normalizer has an empty pattern, which is found without end");
    }

    @Test
    void refusesATemplateWithPartsThatAreNotThere() {
        refuses(
                "{\"post_processor\":{\"type\":\"TemplateProcessing\",\"single\":[{\"SpecialToken\":{\"id\":\"<s>\",\"type_id\":0}}],"
                        + "\"special_tokens\":{\"</s>\":{\"id\":\"</s>\",\"ids\":[1],\"tokens\":[\"</s>\"]}}}}",
                "post_processor puts '<s>' beside a text, which is none of its special_tokens");
        refuses(
                "{\"post_processor\":{\"type\":\"TemplateProcessing\",\"single\":[{\"Sequence\":{\"id\":\"B\",\"type_id\":0}}]}}",
                "post_processor has a second text in its template for one");
    }

    @Test
    void refusesADecoderThatStripsTheEndsOfTokens() throws IOException {
        check("{\"decoder\":{\"type\":\"Strip\",\"content\":\" \",\"start\":1,\"stop\":0}}");
        refuses(
                "{\"decoder\":{\"type\":\"Strip\",\"content\":\" \",\"start\":0,\"stop\":1}}",
                "decoder strips the ends of tokens, which the library can't do with an empty one");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"a b\"|b",
                "[\"a\", \"b\"]|b",
                "[\"a\", \"#é\"]|#é",
            })
    void refusesMergesThatThePrefixCannotBeCutOff(String merge, String second) throws IOException {
        String model = "{\"model\":{\"type\":\"BPE\",\"merges\":[\"a ##b\",[\"a\",\"##é\"]," + merge
                + "],\"vocab\":{\"a\":0},\"continuing_subword_prefix\":\"%s\"}}";
        check(model.formatted(""));
        check(model.replace("," + merge, "").formatted("##"));
        refuses(
                model.formatted("##"),
                "model merges something with '" + second + "', which doesn't begin with the prefix '##'");
    }

    @Test
    void refusesAPatternThatBacktracksWithoutEndAndNamesIt() {
        refuses(
                "{\"normalizer\":{\"type\":\"Replace\",\"pattern\":{\"Regex\":\"([a-zA-Z ]+)+[0-9]$\"},\"content\":\"\"}}",
                "normalizer has the pattern '([a-zA-Z ]+)+[0-9]$', which has a choice within a repetition, so that it may"
                        + " backtrack without end and isn't used: give token ids instead of text");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '#',
            value = {
                "(a|a)*b#has a choice within a repetition, so that it may backtrack without end",
                "(a?){30}a{30}#has a choice within a repetition, so that it may backtrack without end",
                "a*a*b#may take the square of a text's length in time",
                "a?a?a?a?a?a?a?a?a?a?a?a?a?b#can match in more than 4096 ways at one place",
                "(a{1000}){1000}#stands for more than 20000 characters",
                "a{100000}#repeats more than 1000 times",
                "(a)\\1#refers to what it has matched before",
                "(?(1)a|b)#has a group of a kind that can't be understood at character 2",
                "(a#ends too early",
                "a)#can't be understood at character 1",
            })
    void refusesPatternsByTheirForm(String regex, String objection) {
        assertThat(TokenizerPattern.of(regex).objection()).contains(objection);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\\p{N}{1,3}|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
                "(?i:'s|'t)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*",
                " {2,}",
                "(?=(\\d{3})+(?!\\d))",
                "[^(\\s|[.,!?])]+",
            })
    void acceptsPatternsOfOneRepetitionThatIsTakenBack(String regex) {
        assertThat(TokenizerPattern.of(regex).objection()).isEmpty();
    }

    @Test
    void boundsWhatAPatternIsMatchedWith() {
        TokenizerPattern pattern = TokenizerPattern.of("\\s+(?!\\S)");
        assertThat(pattern.spans()).isFalse();
        assertThat(pattern.objection(100_000_000, 9_000_000)).isEmpty();
        assertThat(pattern.objection(100_000_000, 9_000_001))
                .contains(
                        "a text has 9000001 characters without a break and the tokenizer's pattern can be matched with"
                                + " 9000000 at most: divide it");
        assertThat(TokenizerPattern.of("[a-z ]+(?!x)").objection(9_000_001, 10)).isPresent();
    }
}
