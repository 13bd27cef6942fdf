package org.laco.model.block;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Optional;
import java.util.function.Consumer;
import org.laco.tensor.LayerWeights;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.transforms.custom.SoftMax;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * The choice of the experts of the largest shares, where shares are a softmax of all scores or the sigmoid of each:
 *
 * <pre>{@code
 * TopExperts.softmax(8).renormalised(true)                                              // Qwen 3
 * TopExperts.sigmoid(8).corrected("mlp.gate.e_score_correction_bias").renormalised(true)    // DeepSeek-V3
 * }</pre>
 *
 * <p>A softmax of the chosen scores alone is the same as a renormalised one of all.
 *
 * @param sigmoid whether shares are the sigmoid of each score, else the softmax of all
 * @param chosen how many experts a row goes through
 * @param correction what is added to shares for the choice, but not for the factors, if anything is
 * @param groups the groups of experts that the choice keeps to, if there are any
 * @param sum what the chosen experts' shares are divided by, if anything
 * @param scale what the factors are multiplied by
 */
public record TopExperts(
        boolean sigmoid,
        int chosen,
        Optional<ScoreCorrection> correction,
        Optional<ExpertGroups> groups,
        Optional<ShareSum> sum,
        double scale)
        implements ExpertChoice {
    /** Checks that any experts are chosen. */
    public TopExperts {
        checkArgument(chosen > 0, "can't choose %s experts", chosen);
    }

    /**
     * Chooses by a softmax of all scores (Shazeer et al., arXiv 1701.06538).
     *
     * @param chosen how many experts a row goes through
     * @return a choice whose factors are the shares
     */
    public static TopExperts softmax(int chosen) {
        return new TopExperts(false, chosen, Optional.empty(), Optional.empty(), Optional.empty(), 1);
    }

    /**
     * Chooses by the sigmoid of each score (DeepSeek-AI, arXiv 2412.19437, section 2.1.2).
     *
     * @param chosen how many experts a row goes through
     * @return a choice whose factors are the shares
     */
    public static TopExperts sigmoid(int chosen) {
        return new TopExperts(true, chosen, Optional.empty(), Optional.empty(), Optional.empty(), 1);
    }

    /**
     * Adds a tensor of one number an expert to the shares, for the choice only.
     *
     * @param tensor its full name within the layer
     * @return the choice
     */
    public TopExperts corrected(String tensor) {
        return corrected(new ScoreCorrection(tensor, false));
    }

    /**
     * Adds something to the shares, for the choice only.
     *
     * @param added what is added
     * @return the choice
     */
    public TopExperts corrected(ScoreCorrection added) {
        return new TopExperts(sigmoid, chosen, Optional.of(added), groups, sum, scale);
    }

    /**
     * Keeps to the best groups of experts.
     *
     * @param those the groups
     * @return the choice
     */
    public TopExperts among(ExpertGroups those) {
        return new TopExperts(sigmoid, chosen, correction, Optional.of(those), sum, scale);
    }

    /**
     * Divides the shares of the chosen experts by their sum.
     *
     * @param whether whether to do so
     * @return the choice
     */
    public TopExperts renormalised(boolean whether) {
        return whether
                ? dividedBy(ShareSum.plain())
                : new TopExperts(sigmoid, chosen, correction, groups, Optional.empty(), scale);
    }

    /**
     * Divides the shares of the chosen experts by their sum, taken in a way of one's own.
     *
     * @param divisor how the sum is taken
     * @return the choice
     */
    public TopExperts dividedBy(ShareSum divisor) {
        return new TopExperts(sigmoid, chosen, correction, groups, Optional.of(divisor), scale);
    }

    /**
     * Multiplies the factors.
     *
     * @param factor by what
     * @return the choice
     */
    public TopExperts scaled(double factor) {
        return new TopExperts(sigmoid, chosen, correction, groups, sum, factor);
    }

    @Override
    public Routing choose(INDArray scores, LayerWeights weights) {
        boolean plain = correction.isEmpty() && groups.isEmpty();
        // Shares order experts as scores do, but large ones round to the same sigmoid.
        float[][] preferences = plain ? scores.toFloatMatrix() : null;
        if (sigmoid) {
            Transforms.sigmoid(scores, false);
        } else {
            Nd4j.exec(new SoftMax(scores, scores, -1));
        }
        float[][] shares = scores.toFloatMatrix();
        if (!plain) {
            preferences = preferences(shares, weights);
        }
        int[][] experts = new int[shares.length][];
        float[][] factors = new float[shares.length][];
        for (int row = 0; row < shares.length; row++) {
            experts[row] = Largest.of(preferences[row], chosen);
            factors[row] = factors(shares[row], experts[row]);
        }
        return Routing.of(experts, factors, (byFactors, gradients) -> byScores(shares, experts, byFactors));
    }

    /** What experts are chosen by. */
    private float[][] preferences(float[][] shares, LayerWeights weights) {
        float[] added = correction
                .map(each -> each.values(weights))
                .orElseGet(() -> new float[shares.length == 0 ? 0 : shares[0].length]);
        float[][] preferences = new float[shares.length][];
        for (int row = 0; row < shares.length; row++) {
            float[] each = shares[row].clone();
            for (int expert = 0; expert < each.length; expert++) {
                each[expert] += added[expert];
            }
            groups.map(those -> those.open(each)).ifPresent(open -> {
                for (int expert = 0; expert < each.length; expert++) {
                    each[expert] = open[expert] ? each[expert] : Float.NEGATIVE_INFINITY;
                }
            });
            preferences[row] = each;
        }
        return preferences;
    }

    /** The factors of a row's experts, zero for those that aren't chosen. */
    private float[] factors(float[] shares, int[] experts) {
        float factor = (float) scale;
        float divisor = divisor(shares, experts);
        float[] factors = new float[shares.length];
        for (int expert : experts) {
            factors[expert] = shares[expert] / divisor * factor;
        }
        return factors;
    }

    private float divisor(float[] shares, int[] experts) {
        return sum.map(each -> each.of(shares, experts)).orElse(1f);
    }

    /**
     * Passes gradients by the factors back to the scores.
     *
     * <p>With d by the factors and S the sum of the chosen shares s, that by a chosen share is {@code scale · d}, or {@code scale · (d −
     * Σ d · s / S) / S} if they are renormalised; with e by the shares, that by a score is {@code s · (1 − s) · e} for a sigmoid and {@code s
     * · (e − Σ s · e)} for a softmax.
     */
    private float[][] byScores(float[][] shares, int[][] experts, float[][] byFactors) {
        float[][] byScores = new float[shares.length][];
        for (int row = 0; row < shares.length; row++) {
            float[] byShares = byShares(shares[row], experts[row], byFactors[row]);
            byScores[row] = sigmoid ? throughSigmoid(shares[row], byShares) : throughSoftmax(shares[row], byShares);
        }
        return byScores;
    }

    private float[] byShares(float[] shares, int[] experts, float[] byFactors) {
        float divisor = divisor(shares, experts);
        float mean = 0;
        if (sum.isPresent() && sum.get().grows(shares, experts)) {
            for (int expert : experts) {
                mean += byFactors[expert] * shares[expert] / divisor;
            }
        }
        float[] byShares = new float[shares.length];
        for (int expert : experts) {
            byShares[expert] = (float) scale * (byFactors[expert] - mean) / divisor;
        }
        return byShares;
    }

    private static float[] throughSigmoid(float[] shares, float[] byShares) {
        float[] byScores = new float[shares.length];
        for (int expert = 0; expert < shares.length; expert++) {
            byScores[expert] = shares[expert] * (1 - shares[expert]) * byShares[expert];
        }
        return byScores;
    }

    private static float[] throughSoftmax(float[] shares, float[] byShares) {
        float mean = 0;
        for (int expert = 0; expert < shares.length; expert++) {
            mean += shares[expert] * byShares[expert];
        }
        float[] byScores = new float[shares.length];
        for (int expert = 0; expert < shares.length; expert++) {
            byScores[expert] = shares[expert] * (byShares[expert] - mean);
        }
        return byScores;
    }

    @Override
    public void check(int experts) {
        checkArgument(chosen <= experts, "can't choose %s of %s experts", chosen, experts);
        groups.ifPresent(those -> those.check(experts, chosen));
    }

    @Override
    public void declare(int experts, Consumer<TensorDeclaration> declare) {
        correction.ifPresent(each -> declare.accept(each.declaration(experts)));
    }
}
