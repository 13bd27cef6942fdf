package org.laco.train;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.OptionalInt;

/**
 * What training makes small: the divergence of the next token's distribution from the original's, KL(original ‖ trained), the negative
 * log-likelihood of the next token, or a mixture of both; each the mean over positions, in nats.
 *
 * <pre>{@code
 * TrainingLoss.divergence();                       // all logits of the original
 * TrainingLoss.divergence().top(512);              // the likeliest 512, the others as one
 * TrainingLoss.divergence().mixed(0.9);            // 0.9 times the divergence and 0.1 times the next token's
 * }</pre>
 *
 * @param divergenceShare the factor of the divergence, from 0 to 1; the rest is the next token's
 * @param top how many of the original's likeliest tokens are told apart, the others being taken as one; all if it is empty
 */
public record TrainingLoss(double divergenceShare, OptionalInt top) {
    /** Checks the ranges. */
    public TrainingLoss {
        checkArgument(
                divergenceShare >= 0 && divergenceShare <= 1,
                "the divergence's share of the loss is %s, expected 0 to 1",
                divergenceShare);
        checkArgument(top.isEmpty() || top.getAsInt() > 0, "the loss needs at least one token told apart, not %s", top);
        checkArgument(
                top.isEmpty() || divergenceShare > 0, "a loss without divergence has no use for likeliest tokens");
    }

    /**
     * Trains toward the original's distribution (Hinton et al., arXiv 1503.02531, at temperature 1).
     *
     * @return the loss
     */
    public static TrainingLoss divergence() {
        return new TrainingLoss(1, OptionalInt.empty());
    }

    /**
     * Trains toward the text, which needs no original.
     *
     * @return the loss
     */
    public static TrainingLoss nextToken() {
        return new TrainingLoss(0, OptionalInt.empty());
    }

    /**
     * Tells only the original's likeliest tokens apart and takes the others as one, so that its distributions can be kept.
     *
     * @param tokens how many
     * @return the loss
     */
    public TrainingLoss top(int tokens) {
        return new TrainingLoss(divergenceShare, OptionalInt.of(tokens));
    }

    /**
     * Mixes divergence and next token.
     *
     * @param share the factor of the divergence, from 0 to 1
     * @return the loss
     */
    public TrainingLoss mixed(double share) {
        return new TrainingLoss(share, top);
    }

    /**
     * Names the loss for the record.
     *
     * @return such as {@code kl}, {@code kl-512}, {@code next-token}, or {@code 0.9 kl + 0.1 next-token}
     */
    public String name() {
        String divergence = top.isPresent() ? "kl-" + top.getAsInt() : "kl";
        if (divergenceShare == 1) {
            return divergence;
        }
        return divergenceShare == 0
                ? "next-token"
                : String.format(
                        "%s %s + %s next-token", share(divergenceShare), divergence, share(1 - divergenceShare));
    }

    private static String share(double value) {
        return String.valueOf(Math.round(value * 1e6) / 1e6);
    }

    boolean needsOriginal() {
        return divergenceShare > 0;
    }
}
