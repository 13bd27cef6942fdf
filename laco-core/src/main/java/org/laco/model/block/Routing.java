package org.laco.model.block;

import com.google.common.primitives.Floats;
import com.google.common.primitives.Ints;
import java.util.ArrayList;
import java.util.List;

/** Which rows go through which experts, and by what factors their outputs are added. */
final class Routing {
    private final List<List<Integer>> rows = new ArrayList<>();
    private final List<List<Float>> scales = new ArrayList<>();

    private Routing(int experts) {
        for (int expert = 0; expert < experts; expert++) {
            rows.add(new ArrayList<>());
            scales.add(new ArrayList<>());
        }
    }

    /** Chooses the experts of the largest probabilities; of equal ones, the first. */
    static Routing of(float[][] probabilities, int chosen, boolean renormalised) {
        Routing routing = new Routing(probabilities[0].length);
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
                routing.rows.get(expert).add(row);
                routing.scales.get(expert).add(renormalised ? probability / sum : probability);
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

    int[] rows(int expert) {
        return Ints.toArray(rows.get(expert));
    }

    float[] scales(int expert) {
        return Floats.toArray(scales.get(expert));
    }
}
