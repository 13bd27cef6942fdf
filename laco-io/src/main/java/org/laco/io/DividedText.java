package org.laco.io;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.laco.stack.Calibration;

/**
 * A running text's sequences divided into those that candidates are compared on, and those that fits are made to, which are others where
 * there are enough.
 *
 * <pre>{@code
 * DividedText text = DividedText.read(Path.of("encyclopaedia.txt"), checkpoint, 128, 2048, 24_576);
 * LayerCollapse collapse = LayerCollapse.builder()
 *         .targetLayers(24)
 *         .calibration(text.compared())
 *         .fit(Fit.ridge().calibration(text.fitted()))
 *         .build();
 * }</pre>
 *
 * @param compared what candidates are compared on
 * @param fitted what fits are made to
 */
public record DividedText(Calibration compared, Calibration fitted) {
    /**
     * The longest piece of a window that candidates are compared on, in tokens. Many short pieces from all over a text tell more of a
     * model than a few long ones: the first 512 tokens of one article chose other layers of SmolLM2-135M than 64 of each of eight, whose
     * result had 7 % less perplexity on other articles and 21 % less on news.
     */
    public static final int LONGEST_PIECE = 64;

    /** Checks that nothing is null. */
    public DividedText {
        requireNonNull(compared, "compared");
        requireNonNull(fitted, "fitted");
    }

    /**
     * Reads running text and divides it.
     *
     * @param file plain text in UTF-8, tokenised as a whole and cut into windows; the last, partial one is dropped
     * @param checkpoint whose tokenizer is used
     * @param window the number of tokens of a window, at least 2
     * @param compared how many tokens candidates are compared on at most, in pieces that are the beginnings of windows
     * @param fitted how many tokens fits are made to at most, in whole windows
     * @return the pieces and the windows, both spread evenly over the text, and so are the first few of each
     * @throws IOException if the file can't be read, or is shorter than a window; the message names it
     * @throws IllegalArgumentException if a number is not positive, or a window is too short or too long for the model
     */
    public static DividedText read(Path file, Checkpoint checkpoint, int window, long compared, long fitted)
            throws IOException {
        return windows(CalibrationFile.windows(file, checkpoint, window, Long.MAX_VALUE), compared, fitted);
    }

    /**
     * Compares on the first lines and fits to those that follow.
     *
     * @param all the lines
     * @param compared how many tokens candidates are compared on at most; the first line in any case
     * @return the lines, all of them to fit to where there are too few for both
     */
    public static DividedText lines(Calibration all, long compared) {
        Calibration first = all.first(compared);
        int count = first.layout().count();
        int whole = all.layout().count();
        return new DividedText(first, whole >= 2 * count ? all.sequences(count, whole) : all);
    }

    /** Compares on the beginnings of windows that are spread evenly over the text, and fits to others between them. */
    static DividedText windows(Calibration all, long compared, long fitted) {
        checkArgument(compared > 0, "candidates are compared on at least one token, not %s", compared);
        checkArgument(fitted > 0, "fits are made to at least one token, not %s", fitted);
        int count = all.layout().count();
        int window = all.layout().length(0);
        int piece = Math.min(window, LONGEST_PIECE);
        List<Integer> whole = IntStream.range(0, count).boxed().toList();
        List<Integer> chosen = spread(whole, compared / piece);
        Set<Integer> taken = new LinkedHashSet<>(chosen);
        List<Integer> others =
                whole.stream().filter(number -> !taken.contains(number)).toList();
        return new DividedText(
                Calibration.ofTokens(chosen.stream()
                        .map(number -> Arrays.copyOf(all.tokens(number), piece))
                        .toList()),
                all.sequences(spread(count >= 2 * chosen.size() ? others : whole, fitted / window)));
    }

    /**
     * Chooses some of many, at least one, in an order in which the first of them are spread like all: searches and fits look at the first
     * ones before they take the others, too.
     */
    private static List<Integer> spread(List<Integer> many, long wanted) {
        int count = (int) Math.max(1, Math.min(many.size(), wanted));
        int bits = Integer.SIZE - Integer.numberOfLeadingZeros(count - 1);
        return IntStream.range(0, 1 << bits)
                .map(i -> bits == 0 ? 0 : Integer.reverse(i) >>> (Integer.SIZE - bits))
                .filter(i -> i < count)
                .mapToObj(i -> many.get((int) ((long) i * many.size() / count)))
                .toList();
    }
}
