package org.laco.measure;

/**
 * How many questions were answered right.
 *
 * @param correct the number of right answers
 * @param items the number of questions
 */
public record Accuracy(int correct, int items) {
    /**
     * Returns the share of right answers.
     *
     * @return the accuracy, from 0 to 1
     */
    public double value() {
        return (double) correct / items;
    }

    /**
     * Returns the standard error of the share: √(p (1 − p) / n).
     *
     * @return the error, in the unit of {@link #value}
     */
    public double standardError() {
        return Math.sqrt(value() * (1 - value()) / items);
    }
}
