package org.laco.model.block;

import com.google.common.primitives.Floats;
import com.google.common.primitives.Ints;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Which rows go through which experts, and by what factors their outputs are added. */
final class Routing {
    private final List<List<Integer>> rows = new ArrayList<>();
    private final List<List<Float>> scales = new ArrayList<>();

    /** The softmax {@code [row][expert]} that the scales are taken from; zero for experts that are left out of it. */
    private final float[][] shares;

    private Routing(int experts, float[][] shares) {
        this.shares = shares;
        for (int expert = 0; expert < experts; expert++) {
            rows.add(new ArrayList<>());
            scales.add(new ArrayList<>());
        }
    }

    /** Chooses the experts of the largest probabilities; of equal ones, the first. */
    static Routing of(float[][] probabilities, int chosen, boolean renormalised) {
        float[][] shares = renormalised ? new float[probabilities.length][probabilities[0].length] : probabilities;
        Routing routing = new Routing(probabilities[0].length, shares);
        for (int row = 0; row < probabilities.length; row++) {
            float[] left = probabilities[row].clone();
            int[] experts = new int[chosen];
            float sum = 0;
            for (int i = 0; i < chosen; i++) {
                experts[i] = largest(left);
                sum += probabilities[row][experts[i]];
                left[experts[i]] = Float.NEGATIVE_INFINITY;
            }
            for (int expert : experts) {
                float probability = probabilities[row][expert];
                shares[row][expert] = renormalised ? probability / sum : probability;
                routing.rows.get(expert).add(row);
                routing.scales.get(expert).add(shares[row][expert]);
            }
        }
        return routing;
    }

    private static int largest(float[] values) {
        int largest = 0;
        for (int i = 1; i < values.length; i++) {
            if (values[i] > values[largest]) {
                largest = i;
            }
        }
        return largest;
    }

    /** Returns the experts that any row goes through. */
    List<Integer> used() {
        return IntStream.range(0, rows.size())
                .filter(expert -> !rows.get(expert).isEmpty())
                .boxed()
                .toList();
    }

    /**
     * Passes gradients by the scales {@code [row][expert]}, zero for experts that a row doesn't go through, back to the router's scores.
     *
     * <p>Scales are a softmax s of all scores, or of the chosen ones' if they are renormalised: {@code s_e · (d_e − Σ s · d)}.
     */
    float[][] scoreGradients(float[][] byScales) {
        float[][] byScores = new float[shares.length][];
        for (int row = 0; row < shares.length; row++) {
            byScores[row] = new float[shares[row].length];
            float mean = 0;
            for (int expert = 0; expert < shares[row].length; expert++) {
                mean += shares[row][expert] * byScales[row][expert];
            }
            for (int expert = 0; expert < shares[row].length; expert++) {
                byScores[row][expert] = shares[row][expert] * (byScales[row][expert] - mean);
            }
        }
        return byScores;
    }

    int[] rows(int expert) {
        return Ints.toArray(rows.get(expert));
    }

    float[] scales(int expert) {
        return Floats.toArray(scales.get(expert));
    }
}
