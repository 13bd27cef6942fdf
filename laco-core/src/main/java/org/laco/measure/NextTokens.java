package org.laco.measure;

import com.google.common.collect.ImmutableList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.laco.stack.Calibration;
import org.laco.stack.LanguageStack;
import org.laco.stack.LayerStack;
import org.laco.tensor.SequenceLayout;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * What two models' next-token distributions say of each sequence, from one computation of the logits, which cost more than all else.
 *
 * @param divergences the mean of −KL(reference ‖ candidate) over a sequence's positions
 * @param likelihoods the mean log-probability that the candidate gives a sequence's tokens after those before them; sequences of one
 *     token, of which none is predicted, are left out
 */
record NextTokens(ImmutableList<Double> divergences, ImmutableList<Double> likelihoods) {
    static NextTokens of(INDArray candidate, INDArray reference, LayerStack stack, Calibration calibration) {
        return of(ImmutableList.of(candidate), reference, stack, calibration).get(0);
    }

    /** Compares several models with the same reference, whose logits are computed once. */
    static ImmutableList<NextTokens> of(
            List<INDArray> candidates, INDArray reference, LayerStack stack, Calibration calibration) {
        LanguageStack model = LanguageStack.require(stack);
        SequenceLayout sequences = calibration.layout();
        int[] rows = IntStream.range(0, sequences.rows()).toArray();
        int[] next = next(calibration);
        double[][] divergences = new double[candidates.size()][rows.length];
        double[][] likelihoods = new double[candidates.size()][rows.length];
        LogitTile.forEachReference(model, reference, rows, (block, from, to) -> {
            for (int i = 0; i < candidates.size(); i++) {
                try (LogitTile other = LogitTile.of(model, candidates.get(i), Arrays.copyOfRange(rows, from, to))) {
                    System.arraycopy(block.divergence(other), 0, divergences[i], from, to - from);
                    double[] scores = other.logProbabilities(Arrays.copyOfRange(next, from, to));
                    System.arraycopy(scores, 0, likelihoods[i], from, to - from);
                }
            }
        });
        return IntStream.range(0, candidates.size())
                .mapToObj(i -> new NextTokens(
                        means(sequences, 0, row -> -divergences[i][row]),
                        means(sequences, 1, row -> likelihoods[i][row])))
                .collect(ImmutableList.toImmutableList());
    }

    /** The token that follows each row's; the last row of a sequence, which none follows, repeats its own. */
    private static int[] next(Calibration calibration) {
        SequenceLayout sequences = calibration.layout();
        return IntStream.range(0, sequences.count())
                .flatMap(i -> {
                    int[] tokens = calibration.tokens(i);
                    return IntStream.range(0, tokens.length).map(at -> tokens[Math.min(at + 1, tokens.length - 1)]);
                })
                .toArray();
    }

    /** Averages each sequence's rows but some last ones; a sequence with no row left has no average. */
    static ImmutableList<Double> means(SequenceLayout sequences, int last, IntToDoubleFunction value) {
        return IntStream.range(0, sequences.count())
                .filter(i -> sequences.length(i) > last)
                .mapToObj(i -> IntStream.range(sequences.start(i), sequences.start(i) + sequences.length(i) - last)
                        .mapToDouble(value)
                        .average()
                        .orElseThrow())
                .collect(ImmutableList.toImmutableList());
    }
}
