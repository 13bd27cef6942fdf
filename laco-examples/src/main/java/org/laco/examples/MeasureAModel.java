package org.laco.examples;

import java.io.IOException;
import java.nio.file.Path;
import org.laco.io.Checkpoint;
import org.laco.io.Checkpoints;
import org.laco.io.TextFile;
import org.laco.measure.Perplexity;
import org.laco.measure.TokenLogProbabilities;

/** Measures how well a model predicts a text, which the similarity of a collapse says little about. */
public final class MeasureAModel {
    private MeasureAModel() {}

    /**
     * Measures perplexity in windows of 512 tokens.
     *
     * @param model the checkpoint's directory
     * @param text a text file
     * @return the perplexity
     * @throws IOException if a file can't be read
     */
    public static Perplexity measure(Path model, Path text) throws IOException {
        try (Checkpoint checkpoint = Checkpoints.open(model)) {
            int[] ids = checkpoint.tokenizer().encode(TextFile.read(text));
            return Perplexity.ofWindows(TokenLogProbabilities.of(checkpoint.model()), ids, 512);
        }
    }

    /**
     * Runs the example.
     *
     * @param args the checkpoint and the text
     * @throws IOException if a file can't be read
     */
    public static void main(String[] args) throws IOException {
        System.out.println(measure(Path.of(args[0]), Path.of(args[1])));
    }
}
