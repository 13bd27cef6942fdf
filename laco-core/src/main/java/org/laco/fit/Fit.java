package org.laco.fit;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;
import com.google.common.primitives.Doubles;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import org.laco.stack.Calibration;

/**
 * How weights of merged layers are fitted. For a merged layer whose last linear map has the weight W₀, activations X (what enters that
 * map in the collapsed model so far, one row a token) and outputs H′, and the original's hidden states H after the layers that it
 * replaces, the new weight is
 *
 * <pre>W = W₀ + D,  D = argmin Σ_t w_t ‖H_t − H′_t − X_t Dᵀ‖² + λ ‖D‖²,  w_t = 1 / ‖H_t‖</pre>
 *
 * <p>the ridge regression toward the merged weight, solved by (XᵀwX + λI) Dᵀ = XᵀwR. λ is a multiple of the mean diagonal of XᵀwX. The first
 * position of a sequence is left out, since its activations are far larger than all others.
 *
 * <p>Of the weights W₀ + s D for every multiple and every step s the one is taken of which the original's layers above make, on
 * held-out sequences (every eighth), the next-token distributions that are nearest to the original's; none if W₀ is nearer. Those three
 * are compared on everything that are best on the first rows and the likeliest tokens. The layer's
 * own error would be a poor judge: it often falls with a smaller λ while the predictions get worse. {@link #replaceMe} alone is neither
 * weighted nor judged.
 *
 * <pre>{@code
 * LayerCollapse collapse = LayerCollapse.builder()
 *         .targetLayers(24)
 *         .calibration(short)
 *         .refit(Fit.ridge().calibration(long))
 *         .build();
 * }</pre>
 *
 * <p>Memory: 16 n² + 24 n d bytes for an inner width n and a hidden width d, in double, and two float32 hidden states of every
 * calibration token, three with {@link #repairs}; 3.1 GB, and 0.4 GB for n = 11,008, d = 4,096 and 12,288 tokens, or 3.2 GB with repairs
 * and 65,536 tokens. The {@code FitCost} that a listener receives holds what it came to. However many weights are compared, one is held
 * at a time, and the layers above run on at most 1,024 rows at once, or on the rows of one batch if those are more. What leaves the layer
 * is kept for each: by default 13 weights with 1,024 to 2,048 held-out rows each. Compared are all on 256 of these rows, and four on all.
 */
public final class Fit {
    private static final ImmutableList<Double> RIDGES = ImmutableList.of(0.03, 0.1, 0.3, 1.0, 3.0, 10.0);
    private static final ImmutableList<Double> STEPS = ImmutableList.of(0.5, 1.0);
    private static final String REPAIRS = "+repairs";
    private static final String STEPS_OF = " steps:";
    static final int TOKENS_PER_INPUT = 4;

    private final FitMethod method;
    private final ImmutableList<Double> ridges;
    private final ImmutableList<Double> steps;
    private final boolean repairs;
    private final int batchRows;
    private final int tokensPerInput;
    private final Optional<Calibration> calibration;

    private Fit(
            FitMethod method,
            ImmutableList<Double> ridges,
            ImmutableList<Double> steps,
            boolean repairs,
            int batchRows,
            int tokensPerInput,
            Optional<Calibration> calibration) {
        this.method = method;
        this.ridges = ridges;
        this.steps = steps;
        this.repairs = repairs;
        this.batchRows = batchRows;
        this.tokensPerInput = tokensPerInput;
        this.calibration = calibration;
    }

    /**
     * Fits the whole last map of each merged layer. λ is chosen among 0.03, 0.1, 0.3, 1, 3 and 10 times the mean diagonal unless other
     * multiples are given.
     *
     * @param multiples the multiples to choose among, each positive; none for the defaults
     * @return the settings
     * @throws IllegalArgumentException if a multiple is not positive
     */
    public static Fit ridge(double... multiples) {
        return of(new WholeMap(), multiples);
    }

    /**
     * Fits a linear transform T of the hidden width behind the last map of each merged layer and folds it into the map, {@code W = (I +
     * T)ᵀ W₀}: fewer numbers to fit, and fewer tokens needed. {@link #replaceMe} is where it comes from, with neither the pull toward
     * the merged weight nor a judge.
     *
     * @param multiples the multiples to choose λ among, each positive; none for the defaults
     * @return the settings
     * @throws IllegalArgumentException if a multiple is not positive
     */
    public static Fit transform(double... multiples) {
        return of(new OutputTransform(), multiples);
    }

    /**
     * Puts a linear transform in the place of what the last map of each merged layer adds, as the authors of ReplaceMe estimate it (<a
     * href="https://arxiv.org/abs/2505.02819">arXiv 2505.02819</a>, and the code that they published): {@code W = Tᵀ W₀}, with
     *
     * <pre>T = (MᵀM + αI)⁻¹ Mᵀ (L_n + M − L_i)</pre>
     *
     * <p>for the map's output M as it is added to the hidden states, what the layer returns, L_i, and what the original returns after
     * the layers that are left out, L_n: after the final norm if those are the last ones, since that is what transformers' hidden
     * states hold there. Every row of every sequence counts alike, first positions too; nothing is held out, and the transform is taken
     * whatever it does. A bias of the map stays as it is. To compare with: {@link #transform} does better on few tokens.
     *
     * <p>Where MᵀM + αI is singular, or so nearly that rounding decides the solution, the fit is refused, where the authors' inverse
     * fails or returns what rounding makes of it. One token for each unit of the hidden width is asked for at least, and one sequence.
     * As with other fits, M and L_i of an upper one of several merged layers are the collapsed model's, where the authors' code has
     * the original's; the search {@code replaceme} merges one span.
     *
     * @param alpha α, what is added to the diagonal of MᵀM, not relative to it; 0 as in the authors' settings for none
     * @return the settings
     * @throws IllegalArgumentException if α is negative or not finite
     */
    public static Fit replaceMe(double alpha) {
        checkArgument(
                alpha >= 0 && Double.isFinite(alpha),
                "the alpha of ReplaceMe is added to a diagonal and can't be negative, as %s is",
                alpha);
        return new Fit(
                new ReplacingTransform(),
                ImmutableList.of(alpha),
                ImmutableList.of(1.0),
                false,
                2048,
                1,
                Optional.empty());
    }

    /**
     * Finds settings by the name that {@link #name} gives them. What a name doesn't say is as by default: the sequences, the rows of a
     * batch and the tokens for each input.
     *
     * @param name such as {@code ridge:0.1,1.0}
     * @return the settings
     * @throws IllegalArgumentException if no settings have that name
     */
    public static Fit named(String name) {
        int colon = name.indexOf(':');
        checkArgument(colon > 0, "unknown fit %s, expected one such as ridge:0.1,1.0", name);
        String method = name.substring(0, colon);
        boolean repairs = method.endsWith(REPAIRS);
        String kind = repairs ? method.substring(0, method.length() - REPAIRS.length()) : method;
        String numbers = name.substring(colon + 1);
        int at = numbers.indexOf(STEPS_OF);
        double[] ridges = numbers(at < 0 ? numbers : numbers.substring(0, at));
        Fit fit =
                switch (kind) {
                    case "ridge" -> ridge(ridges);
                    case "transform" -> transform(ridges);
                    case "replaceme" -> replaceMe(ridges[0]);
                    default ->
                        throw new IllegalArgumentException(
                                "unknown fit " + name + ", expected ridge, transform or replaceme before the colon");
                };
        return (at < 0 ? fit : fit.steps(numbers(numbers.substring(at + STEPS_OF.length())))).repairs(repairs);
    }

    private static double[] numbers(String joined) {
        return Splitter.on(',')
                .splitToStream(joined)
                .mapToDouble(Double::parseDouble)
                .toArray();
    }

    private static Fit of(FitMethod method, double... multiples) {
        for (double multiple : multiples) {
            checkArgument(
                    multiple > 0 && Double.isFinite(multiple),
                    "a ridge must be a positive multiple of the mean diagonal, not %s",
                    multiple);
        }
        return new Fit(
                method,
                multiples.length == 0 ? RIDGES : ImmutableList.copyOf(Doubles.asList(multiples)),
                STEPS,
                false,
                2048,
                TOKENS_PER_INPUT,
                Optional.empty());
    }

    /**
     * Sets the sequences to fit to. The default is those on which similarity is measured, which are mostly too few: a few times as
     * many tokens as the inner width are wanted.
     *
     * @param sequences at least two sequences
     * @return these settings with those sequences
     */
    public Fit calibration(Calibration sequences) {
        return new Fit(
                method,
                ridges,
                steps,
                repairs,
                batchRows,
                tokensPerInput,
                Optional.of(requireNonNull(sequences, "sequences")));
    }

    /**
     * Sets whether the layers above the lowest merged one are fitted too, toward the original's hidden states after each of them: first
     * attention's output projection, toward what leaves attention, then the last map. The default is no. It takes far more tokens than
     * the merged layers alone: with eight for each input it harmed a model on texts of another kind, with forty it helped on both.
     *
     * @param whether whether to fit them
     * @return these settings with that choice
     * @throws IllegalArgumentException if they are to be fitted by {@link #replaceMe}, which has no judge to refuse what harms
     */
    public Fit repairs(boolean whether) {
        checkArgument(
                !whether || method.isJudged(),
                "%s fits merged layers alone: leave repairs out, or use ridge or transform",
                method.name());
        return whether == repairs
                ? this
                : new Fit(method, ridges, steps, whether, batchRows, tokensPerInput, calibration);
    }

    /**
     * Sets how far to go from the merged weight toward each solution. The alternatives are judged like those of several ridges. The
     * default is half the way and all of it.
     *
     * @param sizes the steps to choose among, each positive, 1 for all the way; at least one
     * @return these settings with those steps
     * @throws IllegalArgumentException if there is no step, one is not positive, or the fit is one that isn't judged
     */
    public Fit steps(double... sizes) {
        checkArgument(method.isJudged(), "%s is taken as it is solved: leave the steps out", method.name());
        checkArgument(sizes.length > 0, "a fit needs at least one step");
        for (double size : sizes) {
            checkArgument(size > 0 && Double.isFinite(size), "a step toward a fit must be positive, not %s", size);
        }
        return new Fit(
                method,
                ridges,
                ImmutableList.copyOf(Doubles.asList(sizes)),
                repairs,
                batchRows,
                tokensPerInput,
                calibration);
    }

    /**
     * Sets how many tokens are run at once. The default is 2048.
     *
     * @param rows the number of rows, at least 1
     * @return these settings with that number
     * @throws IllegalArgumentException if the number is not positive
     */
    public Fit batchRows(int rows) {
        checkArgument(rows > 0, "a batch needs at least one row, not %s", rows);
        return new Fit(method, ridges, steps, repairs, rows, tokensPerInput, calibration);
    }

    /**
     * Sets how many calibration tokens there have to be for each number that a row of a fitted weight has, which is the inner width of
     * the model for {@link #ridge} and its hidden width for the others. With fewer, a fit follows the calibration and harms the
     * model, so that it is refused before anything is run. The default is 4, and 1 for {@link #replaceMe}.
     *
     * @param least the number of tokens, 0 to refuse none
     * @return these settings with that number
     * @throws IllegalArgumentException if the number is negative
     */
    public Fit tokensPerInput(int least) {
        checkArgument(least >= 0, "the tokens per input of a fitted weight can't be negative, as %s is", least);
        return new Fit(method, ridges, steps, repairs, batchRows, least, calibration);
    }

    /**
     * Returns the sequences to fit to.
     *
     * @return the sequences, or empty for those on which similarity is measured
     */
    public Optional<Calibration> calibration() {
        return calibration;
    }

    /**
     * Returns whether the layers above the lowest merged one are fitted too.
     *
     * @return whether they are
     */
    public boolean repairs() {
        return repairs;
    }

    /**
     * Returns how many tokens there have to be for each input of a fitted weight.
     *
     * @return the number, 0 if none are refused
     */
    public int tokensPerInput() {
        return tokensPerInput;
    }

    /**
     * Returns what the record of a collapse says.
     *
     * @return what was asked for, such as {@code ridge:0.03,0.1}, or {@code ridge:0.03,0.1 steps:0.25,1.0} for other steps than the
     *     default ones; which ridge and step each layer got is in the plan
     */
    public String name() {
        return method.name()
                + (repairs ? REPAIRS : "")
                + ":"
                + joined(ridges)
                + (steps.equals(STEPS) || !method.isJudged() ? "" : STEPS_OF + joined(steps));
    }

    private static String joined(ImmutableList<Double> numbers) {
        return numbers.stream().map(String::valueOf).collect(Collectors.joining(","));
    }

    /** These settings with the middle one of their ridges only, for fits of which many are compared. */
    Fit withMiddleRidge() {
        return new Fit(
                method,
                ImmutableList.of(ridges.get((ridges.size() - 1) / 2)),
                steps,
                repairs,
                batchRows,
                tokensPerInput,
                calibration);
    }

    FitMethod method() {
        return method;
    }

    ImmutableList<Double> ridges() {
        return ridges;
    }

    ImmutableList<Double> stepSizes() {
        return steps;
    }

    /**
     * Returns how many tokens are run at once.
     *
     * @return the number of rows
     */
    public int batchRows() {
        return batchRows;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Fit fit
                && method.equals(fit.method)
                && ridges.equals(fit.ridges)
                && steps.equals(fit.steps)
                && repairs == fit.repairs
                && batchRows == fit.batchRows
                && tokensPerInput == fit.tokensPerInput
                && calibration.equals(fit.calibration);
    }

    @Override
    public int hashCode() {
        return Objects.hash(method, ridges, steps, repairs, batchRows, tokensPerInput, calibration);
    }

    @Override
    public String toString() {
        return name();
    }
}
