package org.laco.measure;

import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.laco.kernel.Exponential;
import org.laco.kernel.Sums;
import org.laco.stack.LanguageStack;
import org.laco.tensor.HostFloats;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The probabilities of some tokens after each of some rows, from logits of which only a part of the vocabulary is held at a time.
 *
 * <p>Exponentials are float32 and summed in double, those of each part and then the parts in the order of the vocabulary.
 */
final class ChosenTokens {
    /** Rows that a part of the logits is computed of at once: enough for an efficient product, few enough for it to stay near. */
    private static final int ROWS = 512;

    private final LanguageStack model;
    private final INDArray output;

    ChosenTokens(LanguageStack model, INDArray output) {
        this.model = model;
        this.output = output;
    }

    /**
     * Computes log p of tokens after rows.
     *
     * @param rows the rows of the final hidden states
     * @param tokens the tokens that are asked for after each of them
     * @return log p of each token; NaN where logits are not finite
     */
    double[][] logProbabilities(int[] rows, int[][] tokens) {
        double[][] results = new double[rows.length][];
        for (int from = 0; from < rows.length; from += ROWS) {
            int to = Math.min(rows.length, from + ROWS);
            double[][] some = some(Arrays.copyOfRange(rows, from, to), Arrays.copyOfRange(tokens, from, to));
            System.arraycopy(some, 0, results, from, some.length);
        }
        return results;
    }

    private double[][] some(int[] rows, int[][] tokens) {
        float[][] chosen =
                Arrays.stream(tokens).map(ids -> new float[ids.length]).toArray(float[][]::new);
        Collection<Part> parts = new ConcurrentLinkedQueue<>();
        try (INDArray picked = Nd4j.pullRows(output, 1, rows)) {
            model.logits(picked, (first, logits) -> parts.add(Part.of(first, logits, tokens, chosen)));
        }
        Part[] ordered =
                parts.stream().sorted(Comparator.comparing(Part::first)).toArray(Part[]::new);
        double[][] results = new double[rows.length][];
        for (int row = 0; row < rows.length; row++) {
            double normaliser = normaliser(ordered, row);
            results[row] = new double[chosen[row].length];
            for (int i = 0; i < results[row].length; i++) {
                results[row][i] = chosen[row][i] - normaliser;
            }
        }
        return results;
    }

    /** log Σ exp(logit) of a row over all parts. */
    private static double normaliser(Part[] parts, int row) {
        double highest = Arrays.stream(parts)
                .mapToDouble(part -> part.highest[row])
                .max()
                .orElseThrow();
        double sum = 0;
        for (Part part : parts) {
            sum += part.sums[row] * Math.exp(part.highest[row] - highest);
        }
        return highest + Math.log(sum);
    }

    /**
     * What is kept of a part of the logits.
     *
     * @param first the first of its tokens
     * @param highest the highest logit of each row
     * @param sums Σ exp(logit − highest) of each row
     */
    @SuppressWarnings("ArrayRecordComponent")
    private record Part(int first, float[] highest, double[] sums) {
        /** Goes through logits once, and copies those of tokens that are asked for. */
        static Part of(int first, INDArray logits, int[][] tokens, float[][] chosen) {
            int width = Math.toIntExact(logits.size(1));
            HostFloats values = HostFloats.of(logits);
            Part part = new Part(first, new float[tokens.length], new double[tokens.length]);
            float[] row = new float[width];
            for (int i = 0; i < tokens.length; i++) {
                values.get(i * width, row, width);
                for (int at = 0; at < tokens[i].length; at++) {
                    int column = tokens[i][at] - first;
                    if (column >= 0 && column < width) {
                        chosen[i][at] = row[column];
                    }
                }
                part.highest[i] = highest(row);
                part.sums[i] = sum(row, part.highest[i]);
            }
            return part;
        }

        private static float highest(float[] row) {
            float highest = Float.NEGATIVE_INFINITY;
            for (float logit : row) {
                highest = Math.max(highest, logit);
            }
            return highest;
        }

        /** Σ exp(logit − shift), in place. */
        private static double sum(float[] row, float shift) {
            for (int i = 0; i < row.length; i++) {
                row[i] = Exponential.exp(row[i] - shift);
            }
            return Sums.of(row, 0, row.length);
        }
    }
}
