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
     * Returns the standard error of the share: √(p (1 − p) / (n − 1)), the sample's standard deviation by √n.
     *
     * @return the error, in the unit of {@link #value}; NaN for one question, which says nothing of the spread
     */
    public double standardError() {
        return items == 1 ? Double.NaN : Math.sqrt(value() * (1 - value()) / (items - 1));
    }
}
