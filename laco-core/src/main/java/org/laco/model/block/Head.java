package org.laco.model.block;

import java.util.OptionalDouble;
import java.util.function.UnaryOperator;

/**
 * The map from final hidden states to logits.
 *
 * @param weight the full name of its weight {@code [vocabulary, width]}; the token embedding's where the two are tied
 * @param biased whether it has a bias, named like the weight
 * @param scale the factor of the logits
 * @param softCap logits become cap · tanh(logit / cap), if there is one
 * @param normalised whether the weight's rows are scaled to length 1 first
 */
public record Head(String weight, boolean biased, double scale, OptionalDouble softCap, boolean normalised) {
    /**
     * Makes a plain head.
     *
     * @param weight the full name of its weight
     * @return the head
     */
    public static Head of(String weight) {
        return new Head(weight, false, 1, OptionalDouble.empty(), false);
    }

    /**
     * Returns this head with a bias.
     *
     * @return the head
     */
    public Head withBias() {
        return new Head(weight, true, scale, softCap, normalised);
    }

    /**
     * Returns this head with its logits scaled.
     *
     * @param factor the factor
     * @return the head
     */
    public Head scaled(double factor) {
        return new Head(weight, biased, factor, softCap, normalised);
    }

    /**
     * Returns this head with its logits capped softly.
     *
     * @param cap the largest absolute logit
     * @return the head
     */
    public Head capped(double cap) {
        return new Head(weight, biased, scale, OptionalDouble.of(cap), normalised);
    }

    /**
     * Returns this head with the rows of its weight scaled to length 1, as in Baichuan 2.
     *
     * @return the head
     */
    public Head withUnitRows() {
        return new Head(weight, biased, scale, softCap, true);
    }

    /**
     * Returns this head with its tensors under other names.
     *
     * @param names gives the new name for its weight
     * @return the head
     */
    public Head named(UnaryOperator<String> names) {
        return new Head(names.apply(weight), biased, scale, softCap, normalised);
    }
}
