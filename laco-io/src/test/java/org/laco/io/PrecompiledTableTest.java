package org.laco.io;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** All that is refused here was seen to end the process in the native library. */
class PrecompiledTableTest {
    private static final int BLOCK = 256;
    private static final int HAS_VALUE = 1 << 8;

    private static String table(int[] trie, String texts) {
        byte[] replacing = texts.getBytes(StandardCharsets.UTF_8);
        ByteBuffer bytes = ByteBuffer.allocate(4 + 4 * trie.length + replacing.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(4 * trie.length);
        for (int unit : trie) {
            bytes.putInt(unit);
        }
        return Base64.getEncoder().encodeToString(bytes.put(replacing).array());
    }

    /** A trie in which the bytes lead from the first block to the second, and so on, and to a text in the end. */
    private static int[] trie(String replaced, int textAt) {
        byte[] key = replaced.getBytes(StandardCharsets.UTF_8);
        int[] trie = new int[BLOCK * (key.length + 1)];
        for (int i = 0; i < key.length; i++) {
            int at = BLOCK * i + Byte.toUnsignedInt(key[i]);
            int following = BLOCK * (i + 1);
            trie[at] = (at ^ following) << 10 | Byte.toUnsignedInt(key[i]);
            if (i == key.length - 1) {
                trie[at] |= HAS_VALUE;
                trie[following] = 1 << 31 | textAt;
            }
        }
        return trie;
    }

    private static void refuses(String base64, String objection) {
        assertThat(PrecompiledTable.check(base64).objection()).contains(objection);
    }

    private static Path tokenizer(Path directory, String table) throws IOException {
        Files.writeString(
                directory.resolve("tokenizer.json"),
                "{\"version\": \"1.0\", \"added_tokens\": [], \"normalizer\": {\"type\": \"Precompiled\", \"precompiled_charsmap\": \""
                        + table
                        + "\"}, \"model\": {\"type\": \"WordLevel\", \"vocab\": {\"?\": 0, \"é\": 1, \"bc\": 2}, \"unk_token\": \"?\"}}");
        return directory;
    }

    @ParameterizedTest
    @CsvSource({"é,0,2", "é,3,1", "w,0,2", "é,1,0"})
    void acceptsATableByWhichTheLibraryReplaces(String replaced, int textAt, int token, @TempDir Path directory)
            throws IOException {
        String table = table(trie(replaced, textAt), "bc\0é\0");
        assertThat(PrecompiledTable.check(table).objection()).isEmpty();
        try (HfTokenizer tokenizer = HfTokenizer.open(tokenizer(directory, table))) {
            assertThat(tokenizer.encode(replaced)).containsExactly(token);
        }
    }

    @Test
    void acceptsATableByWhichTheLibraryReplacesByNothing(@TempDir Path directory) throws IOException {
        String table = table(trie("é", 5), "bc\0é\0");
        assertThat(PrecompiledTable.check(table).objection()).isEmpty();
        try (HfTokenizer tokenizer = HfTokenizer.open(tokenizer(directory, table))) {
            assertThat(tokenizer.encode("é")).isEmpty();
        }
    }

    @Test
    void refusesWhatIsNoTable() {
        refuses("%%%", "is not Base64");
        refuses("AAA", "is not Base64");
        refuses("AAB=", "is not Base64");
        refuses("", "has no size of its trie");
        refuses("AAA=", "has no size of its trie");
        refuses("AAAAAA==", "has a trie of 0 bytes, expected a multiple of 4 and at most 0");
        refuses("/////w==", "has a trie of 4294967295 bytes, expected a multiple of 4 and at most 0");
        refuses("A".repeat(6_000_000), "has more than 4000000 bytes");
    }

    @Test
    void refusesATrieThatLeadsOutOfItself() {
        refuses(table(new int[] {0, 0}, "a\0"), "has a trie that leads out of itself");
        int[] far = new int[BLOCK];
        far[0] = -1 << 10 | 1 << 9;
        refuses(table(far, "a\0"), "has a trie that leads out of itself");
        refuses(table(Arrays.copyOf(trie("ab", 0), BLOCK + 5), "a\0"), "has a trie that leads out of itself");
        int[] farther = trie("ab", 0);
        farther['a'] = 1 << 28 | 'a';
        refuses(table(farther, "a\0"), "has a trie that leads out of itself");
    }

    @Test
    void refusesATrieThatLeadsToNoText() {
        refuses(table(trie("a", 4), "é\0"), "has a trie that leads to no text");
        refuses(table(trie("a", 1), "é\0"), "has a trie that leads to no text");
        refuses(table(trie("a", -1 >>> 1), "é\0"), "has a trie that leads to no text");
        int[] value = trie("a", 0);
        value['a'] = 5000 << 10 | HAS_VALUE | 'a';
        refuses(table(value, "a\0"), "has a trie that leads to no text");
        byte[] texts = Base64.getDecoder().decode(table(trie("a", 0), "a\0"));
        texts[texts.length - 2] = (byte) 0xff;
        refuses(Base64.getEncoder().encodeToString(texts), "replaces by texts that are not UTF-8");
    }

    @Test
    void endsInATrieThatGoesInACircle() {
        int[] circle = trie("ab", 0);
        circle[BLOCK + 'b'] = (BLOCK + 'b') << 10 | 'b';
        assertThat(PrecompiledTable.check(table(circle, "a\0")).objection()).isEmpty();
    }

    @Test
    void countsWhatComesOfOneCharacterBeyondWhatItsOwnFormWouldBe() {
        assertThat(PrecompiledTable.check(table(trie("a", 0), "é".repeat(18) + "\0"))
                        .growth())
                .isEqualTo(1);
        assertThat(PrecompiledTable.check(table(trie("a", 0), "é".repeat(36) + "\0"))
                        .growth())
                .isEqualTo(2);
        assertThat(PrecompiledTable.check(table(trie("a", 0), "é".repeat(180))).growth())
                .as("the last text needs no zero")
                .isEqualTo(10);
        assertThat(PrecompiledTable.check(table(trie("a", 0), "b\0" + "é".repeat(180)))
                        .growth())
                .as("a text that nothing is replaced with")
                .isEqualTo(1);
    }

    @Test
    void isLookedAtWhereATokenizerHasIt() {
        for (String table : new String[] {"null", "5", "\"AAA\""}) {
            String json = "{\"normalizer\": {\"type\": \"Sequence\", \"normalizers\": [{\"type\": \"Precompiled\", "
                    + "\"precompiled_charsmap\": " + table + "}]}}";
            assertThat(refusal(json))
                    .contains(
                            table.startsWith("\"")
                                    ? "tokenizer.json: normalizer has a precompiled_charsmap which is not Base64"
                                    : "tokenizer.json: normalizer has no precompiled_charsmap, which is a table in Base64");
        }
        assertThat(refusal("{\"normalizer\": {\"type\": \"Precompiled\", \"precompiled_charsmap\": \""
                        + table(trie("a", 0), "b".repeat(18 * 65)) + "\"}}"))
                .contains("tokenizer.json: normalizer makes texts more than 64 times longer, which no tokenizer needs");
    }

    private static Optional<String> refusal(String json) {
        try {
            TokenizerCheck.patterns(json.getBytes(StandardCharsets.UTF_8), Path.of("tokenizer.json"));
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of(e.getMessage());
        }
    }
}
