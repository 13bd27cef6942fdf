package org.laco.measure;

import com.google.common.collect.ImmutableList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.stream.IntStream;
import org.laco.stack.Calibration;
import org.laco.stack.LanguageStack;
import org.laco.stack.LayerStack;
import org.laco.tensor.SequenceLayout;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The divergence of next-token distributions from the original's among the tokens that the original finds likely at some row, both
 * distributions renormalised to these. With P as the original's probability of the tokens U, the divergence of all tokens is
 *
 * <pre>KL(p ‖ q) = KL((P, 1 − P) ‖ (Q, 1 − Q)) + P · KL(p|U ‖ q|U) + (1 − P) · KL(p|rest ‖ q|rest)</pre>
 *
 * <p>of which this is the KL of the middle term: what it leaves out is positive, so that a row's divergence is at least P times this one,
 * and can be anything above it. A model that moves its probability to tokens that the original finds unlikely looks better than it is.
 */
final class LikelyDivergence implements Metric {
    private final int likeliest;
    private final int[] tokens;

    private LikelyDivergence(int likeliest, int[] tokens) {
        this.likeliest = likeliest;
        this.tokens = tokens;
    }

    /**
     * Chooses the tokens.
     *
     * @param likeliest how many tokens of each row are among them at least
     * @param reference the original's final hidden states
     */
    static LikelyDivergence of(int likeliest, INDArray reference, LayerStack stack) {
        LanguageStack model = LanguageStack.require(stack);
        int[] rows = IntStream.range(0, Math.toIntExact(reference.size(0))).toArray();
        BitSet chosen = new BitSet();
        LogitTile.forEach(model, reference, rows, (block, from, to) -> block.likeliest(likeliest)
                .forEach(chosen::or));
        return new LikelyDivergence(likeliest, chosen.stream().toArray());
    }

    @Override
    public String name() {
        return "kl-top" + likeliest;
    }

    @Override
    public boolean needsLogits() {
        return true;
    }

    @Override
    public ImmutableList<Double> perSequence(
            INDArray candidate, INDArray reference, LayerStack stack, Calibration calibration) {
        return scoreAll(ImmutableList.of(candidate), reference, stack, calibration)
                .get(0)
                .perSequence();
    }

    @Override
    public ImmutableList<Score> scoreAll(
            List<INDArray> candidates, INDArray reference, LayerStack stack, Calibration calibration) {
        LanguageStack model = new LikelyTokens(LanguageStack.require(stack), tokens);
        SequenceLayout sequences = calibration.layout();
        int[] rows = IntStream.range(0, sequences.rows()).toArray();
        double[][] divergences = new double[candidates.size()][rows.length];
        LogitTile.forEachReference(model, reference, rows, (block, from, to) -> {
            for (int i = 0; i < candidates.size(); i++) {
                try (LogitTile other = LogitTile.of(model, candidates.get(i), Arrays.copyOfRange(rows, from, to))) {
                    System.arraycopy(block.divergence(other), 0, divergences[i], from, to - from);
                }
            }
        });
        return Arrays.stream(divergences)
                .map(each -> mean(NextTokens.means(sequences, 0, row -> -each[row])))
                .collect(ImmutableList.toImmutableList());
    }
}
