package org.laco.io;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import com.google.common.collect.ImmutableMap;
import com.google.common.primitives.Ints;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.laco.io.file.SmallFile;

/**
 * A checkpoint's tokenizer, read from its {@code tokenizer.json} by Hugging Face's own library.
 *
 * <pre>{@code
 * try (HfTokenizer tokenizer = HfTokenizer.open(Path.of("SmolLM2-135M"))) {
 *     int[] ids = tokenizer.encode("The capital of France is");   // [504, 3575, 282, 4649, 314]
 * }
 * }</pre>
 *
 * <p>Texts are never truncated or padded. Safe for use by several threads.
 */
public final class HfTokenizer implements Tokenizer, AutoCloseable {
    static final String FILE_NAME = "tokenizer.json";

    private static final String SENTENCE_PIECE = "tokenizer.model";

    /** Texts are never cut or filled up, whatever the file says. */
    private static final ImmutableMap<String, String> OPTIONS =
            ImmutableMap.of("addSpecialTokens", "true", "truncation", "false", "padding", "false");

    /** Several times the largest vocabularies. */
    private static final int MAX_BYTES = 128_000_000;

    /** A text so short that any pattern that was let pass can be matched with it. */
    private static final int SHORT = 2_000;

    /** How long a stretch the pattern that comes with the library is matched with. */
    private static final int BUILT_IN = 1_000_000;

    private final HuggingFaceTokenizer tokenizer;
    private final List<TokenizerPattern> patterns;
    private final String sha256;

    private HfTokenizer(HuggingFaceTokenizer tokenizer, List<TokenizerPattern> patterns, String sha256) {
        this.tokenizer = tokenizer;
        this.patterns = patterns;
        this.sha256 = sha256;
    }

    /**
     * Opens the tokenizer of a checkpoint.
     *
     * @param directory the checkpoint's directory
     * @return the tokenizer, which the caller closes
     * @throws IOException if there is no {@code tokenizer.json} or it can't be read
     */
    public static HfTokenizer open(Path directory) throws IOException {
        Path file = directory.resolve(FILE_NAME);
        if (!Files.exists(file)) {
            if (Files.exists(directory.resolve(SENTENCE_PIECE))) {
                throw new IOException(file + " is missing, and the " + SENTENCE_PIECE
                        + " that is there is a format which isn't read: load the tokenizer with transformers and save it,"
                        + " or calibrate with lines of {\"input_ids\": […]}");
            }
            throw new IOException(file + " is missing: bring token ids instead of text");
        }
        SmallFile read = SmallFile.read(file, MAX_BYTES);
        List<TokenizerPattern> patterns = TokenizerCheck.patterns(read.bytes(), file);
        try {
            return of(read.bytes(), patterns, read.sha256());
        } catch (RuntimeException e) {
            throw new IOException(file + ": " + e.getMessage(), e);
        }
    }

    /** Opens a tokenizer that was looked at, whose hash is told. */
    static HfTokenizer of(byte[] content, List<TokenizerPattern> patterns, String sha256) throws IOException {
        // The library would otherwise look for files on the network.
        if (System.getProperty("ai.djl.offline") == null) {
            System.setProperty("ai.djl.offline", "true");
        }
        return new HfTokenizer(
                HuggingFaceTokenizer.newInstance(new ByteArrayInputStream(content), OPTIONS), patterns, sha256);
    }

    /** The hash of what was read. */
    String sha256() {
        return sha256;
    }

    @Override
    public int[] encode(String text) {
        requireMatchable(text);
        return ids(tokenizer.encode(text));
    }

    @Override
    public int[] encodeWithoutSpecialTokens(String text) {
        requireMatchable(text);
        return ids(tokenizer.encode(text, false, false));
    }

    @Override
    public String decode(int... ids) {
        return tokenizer.decode(Arrays.stream(ids).asLongStream().toArray(), true);
    }

    /** Refuses what the library's matcher would end the process at. */
    private void requireMatchable(String text) {
        if (text.length() <= SHORT) {
            return;
        }
        int run = longestRun(text);
        if (run > BUILT_IN) {
            throw new IllegalArgumentException(
                    "a text has " + run + " characters without a break, expected at most " + BUILT_IN + ": divide it");
        }
        for (TokenizerPattern pattern : patterns) {
            Optional<String> objection = pattern.objection(text.length(), run);
            if (objection.isPresent()) {
                throw new IllegalArgumentException(objection.get());
            }
        }
    }

    /** Returns the length of the longest stretch of white space, or without any. */
    private static int longestRun(String text) {
        int longest = 0;
        int start = 0;
        for (int i = 1; i <= text.length(); i++) {
            if (i == text.length() || isSpace(text.charAt(i)) != isSpace(text.charAt(i - 1))) {
                longest = Math.max(longest, i - start);
                start = i;
            }
        }
        return longest;
    }

    private static boolean isSpace(char c) {
        return Character.isWhitespace(c) || Character.isSpaceChar(c);
    }

    private static int[] ids(Encoding encoding) {
        return Arrays.stream(encoding.getIds()).mapToInt(Ints::checkedCast).toArray();
    }

    @Override
    public void close() {
        tokenizer.close();
    }
}
