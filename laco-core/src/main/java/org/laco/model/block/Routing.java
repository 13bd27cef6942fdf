package org.laco.model.block;

import com.google.common.primitives.Ints;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.laco.stack.Gradients;

/** Which rows go through which experts, by what factors, and how gradients pass from those factors to the router's scores. */
public final class Routing {
    private final int[][] experts;
    private final float[][] factors;
    private final ScoreGradients derivative;
    private final Map<Integer, List<Integer>> rows = new TreeMap<>();

    private Routing(int[][] experts, float[][] factors, ScoreGradients derivative) {
        this.experts = experts;
        this.factors = factors;
        this.derivative = derivative;
        for (int row = 0; row < experts.length; row++) {
            for (int expert : experts[row]) {
                rows.computeIfAbsent(expert, first -> new ArrayList<>()).add(row);
            }
        }
    }

    /** The derivative of factors by scores. */
    public interface ScoreGradients {
        /**
         * Passes gradients back.
         *
         * @param byFactors by the factors {@code [row][expert]}, zero for experts that a row doesn't go through
         * @param gradients receives the gradients of weights that the factors depend on
         * @return by the scores {@code [row][expert]}
         */
        float[][] pass(float[][] byFactors, Gradients gradients);
    }

    /**
     * Makes a routing, which takes the arrays over.
     *
     * @param experts the experts of each row
     * @param factors the factors {@code [row][expert]}, zero for experts that a row doesn't go through
     * @param derivative the factors' derivative
     * @return the routing
     */
    public static Routing of(int[][] experts, float[][] factors, ScoreGradients derivative) {
        return new Routing(experts, factors, derivative);
    }

    /** Receives gradients by numbers of which each expert has one. */
    interface ExpertGradients {
        void add(float[] byNumbers, Gradients gradients);
    }

    /** Returns this routing with the factors of each expert multiplied by a number of its own. */
    Routing scaled(float[] scales, ExpertGradients byScales) {
        float[][] scaled = new float[factors.length][];
        for (int row = 0; row < factors.length; row++) {
            scaled[row] = products(factors[row], scales);
        }
        return new Routing(experts, scaled, (byFactors, gradients) -> {
            float[] sums = new float[scales.length];
            float[][] before = new float[byFactors.length][];
            for (int row = 0; row < byFactors.length; row++) {
                before[row] = products(byFactors[row], scales);
                for (int expert = 0; expert < sums.length; expert++) {
                    sums[expert] += byFactors[row][expert] * factors[row][expert];
                }
            }
            byScales.add(sums, gradients);
            return derivative.pass(before, gradients);
        });
    }

    private static float[] products(float[] one, float[] other) {
        float[] products = new float[one.length];
        for (int i = 0; i < products.length; i++) {
            products[i] = one[i] * other[i];
        }
        return products;
    }

    /** The experts that any row goes through. */
    Iterable<Integer> used() {
        return rows.keySet();
    }

    /** The rows that go through an expert. */
    int[] rows(int expert) {
        return Ints.toArray(rows.getOrDefault(expert, List.of()));
    }

    /** The factors of the rows that go through an expert. */
    float[] factors(int expert) {
        int[] through = rows(expert);
        float[] each = new float[through.length];
        for (int i = 0; i < each.length; i++) {
            each[i] = factors[through[i]][expert];
        }
        return each;
    }

    /** Passes gradients by the factors {@code [row][expert]} back to the scores. */
    float[][] scoreGradients(float[][] byFactors, Gradients gradients) {
        return derivative.pass(byFactors, gradients);
    }
}
