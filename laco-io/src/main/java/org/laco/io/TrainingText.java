package org.laco.io;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.laco.stack.Calibration;

/**
 * A text to train on, in tokens, with what the record says of it.
 *
 * @param tokens the whole text as one sequence, or each line as one
 * @param file the file's name
 * @param sha256 the SHA-256 of the file
 */
public record TrainingText(Calibration tokens, String file, String sha256) {
    /**
     * Reads a text for a model that is trained toward another.
     *
     * @param file running text in UTF-8
     * @param perLine whether each line is a sequence of its own with its special tokens; the lines may then be JSON as {@link
     *     CalibrationFile} takes it
     * @param model whose tokenizer is used
     * @param original the model that it is trained toward, empty if there is none or it has the same tokenizer
     * @return the text
     * @throws IOException if the file can't be read or has less than two tokens, or if the original's tokenizer makes other tokens of it
     */
    public static TrainingText read(Path file, boolean perLine, Checkpoint model, Optional<Checkpoint> original)
            throws IOException {
        Calibration tokens = tokens(file, perLine, model);
        if (original.isPresent()
                && original.get().hasTokenizer()
                && !haveSameTokenizer(model, original.get())
                && !areEqual(tokens, tokens(file, perLine, original.get()))) {
            throw new IOException(file + " is other tokens to the original than to the model that is to be trained: "
                    + "their tokenizers differ, so that their predictions can't be compared");
        }
        if (!Files.isRegularFile(file)) {
            throw new IOException(file + " is no regular file, but the record has to name its hash");
        }
        return new TrainingText(
                tokens,
                file.getFileName().toString(),
                FileHashes.of(List.of(file)).hashes().get(file.getFileName().toString()));
    }

    private static Calibration tokens(Path file, boolean perLine, Checkpoint model) throws IOException {
        if (perLine) {
            return CalibrationFile.read(file, model);
        }
        String text = TextFile.read(file);
        int[] ids = model.tokenizer().encode(text);
        if (ids.length < 2) {
            throw new IOException(file + " has " + ids.length + " tokens, too few to train on");
        }
        return Calibration.ofTokens(ids);
    }

    private static boolean haveSameTokenizer(Checkpoint one, Checkpoint other) throws IOException {
        return one.hasTokenizer()
                && one.tokenizer() instanceof HfTokenizer first
                && other.tokenizer() instanceof HfTokenizer second
                && first.sha256().equals(second.sha256());
    }

    private static boolean areEqual(Calibration one, Calibration other) {
        if (one.layout().count() != other.layout().count()) {
            return false;
        }
        for (int i = 0; i < one.layout().count(); i++) {
            if (!Arrays.equals(one.tokens(i), other.tokens(i))) {
                return false;
            }
        }
        return true;
    }
}
