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

    /** Texts are never cut or filled up, whatever the file says. */
    private static final ImmutableMap<String, String> OPTIONS =
            ImmutableMap.of("addSpecialTokens", "true", "truncation", "false", "padding", "false");

    /** Several times the largest vocabularies. */
    private static final int MAX_BYTES = 128_000_000;

    private final HuggingFaceTokenizer tokenizer;
    private final String sha256;

    private HfTokenizer(HuggingFaceTokenizer tokenizer, String sha256) {
        this.tokenizer = tokenizer;
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
            throw new IOException(file + " is missing: bring token ids instead of text");
        }
        // The library would otherwise look for files on the network.
        if (System.getProperty("ai.djl.offline") == null) {
            System.setProperty("ai.djl.offline", "true");
        }
        SmallFile read = SmallFile.read(file, MAX_BYTES);
        try {
            HuggingFaceTokenizer opened =
                    HuggingFaceTokenizer.newInstance(new ByteArrayInputStream(read.bytes()), OPTIONS);
            return new HfTokenizer(opened, read.sha256());
        } catch (RuntimeException e) {
            throw new IOException(file + ": " + e.getMessage(), e);
        }
    }

    /** The hash of what was read. */
    String sha256() {
        return sha256;
    }

    @Override
    public int[] encode(String text) {
        return ids(tokenizer.encode(text));
    }

    @Override
    public int[] encodeWithoutSpecialTokens(String text) {
        return ids(tokenizer.encode(text, false, false));
    }

    @Override
    public String decode(int... ids) {
        return tokenizer.decode(Arrays.stream(ids).asLongStream().toArray(), true);
    }

    private static int[] ids(Encoding encoding) {
        return Arrays.stream(encoding.getIds()).mapToInt(Ints::checkedCast).toArray();
    }

    @Override
    public void close() {
        tokenizer.close();
    }
}
