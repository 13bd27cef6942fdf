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
