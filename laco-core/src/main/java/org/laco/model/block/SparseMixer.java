package org.laco.model.block;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.function.Consumer;
import org.laco.tensor.LayerWeights;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The choice of two experts of Phi 3.5 MoE (Liu, Gao and Chen, arXiv 2310.00811): first the largest score's, then the largest of the others.
 * Each one's factor is its share of a softmax of the scores that are near its own, without the first expert's for the second.
 *
 * @param jitter a score s is near the largest one m if {@code (m − s) / max(|s|, m)} is at most twice this
 */
public record SparseMixer(double jitter) implements ExpertChoice {
    private static final int CHOSEN = 2;

    @Override
    public Routing choose(INDArray scores, LayerWeights weights) {
        float[][] rows = scores.toFloatMatrix();
        int[][] experts = new int[rows.length][];
        float[][] factors = new float[rows.length][];
        for (int row = 0; row < rows.length; row++) {
            experts[row] = Largest.of(rows[row], CHOSEN);
            factors[row] = new float[rows[row].length];
            for (int turn = 0; turn < CHOSEN; turn++) {
                int expert = experts[row][turn];
                factors[row][expert] = shares(rows[row], experts[row], turn)[expert];
            }
        }
        return Routing.of(experts, factors, (byFactors, gradients) -> byScores(rows, experts, byFactors));
    }

    /** The softmax of the scores near that of a turn's expert; those of the turns before are out. */
    private float[] shares(float[] scores, int[] experts, int turn) {
        float largest = scores[experts[turn]];
        float[] shares = new float[scores.length];
        float sum = 0;
        for (int i = 0; i < scores.length; i++) {
            boolean out = turn > 0 && i == experts[0];
            if (!out && (largest - scores[i]) / Math.max(Math.abs(scores[i]), largest) <= 2 * jitter) {
                shares[i] = (float) Math.exp(scores[i] - largest);
                sum += shares[i];
            }
        }
        for (int i = 0; i < shares.length; i++) {
            shares[i] /= sum;
        }
        return shares;
    }

    /** Of a factor p_e, the gradient by the score s_i is {@code p_e · (1{i = e} − p_i)}; which scores are near doesn't change. */
    private float[][] byScores(float[][] scores, int[][] experts, float[][] byFactors) {
        float[][] byScores = new float[scores.length][];
        for (int row = 0; row < scores.length; row++) {
            byScores[row] = new float[scores[row].length];
            for (int turn = 0; turn < CHOSEN; turn++) {
                int expert = experts[row][turn];
                float[] shares = shares(scores[row], experts[row], turn);
                float passed = byFactors[row][expert] * shares[expert];
                for (int i = 0; i < shares.length; i++) {
                    byScores[row][i] += passed * ((i == expert ? 1 : 0) - shares[i]);
                }
            }
        }
        return byScores;
    }

    @Override
    public void check(int experts) {
        checkArgument(CHOSEN <= experts, "can't choose %s of %s experts", CHOSEN, experts);
    }

    /** There are none. */
    @Override
    public void declare(int experts, Consumer<TensorDeclaration> declare) {}
}
