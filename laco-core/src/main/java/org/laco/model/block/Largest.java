package org.laco.model.block;

/** The places of the largest of some numbers. */
final class Largest {
    private Largest() {}

    /** Returns the places of as many of the largest, the largest first; of equal ones, the first. */
    static int[] of(float[] values, int count) {
        int[] places = new int[count];
        boolean[] taken = new boolean[values.length];
        for (int i = 0; i < count; i++) {
            places[i] = largest(values, taken);
            taken[places[i]] = true;
        }
        return places;
    }

    private static int largest(float[] values, boolean[] taken) {
        int largest = -1;
        for (int i = 0; i < values.length; i++) {
            if (!taken[i] && (largest < 0 || values[i] > values[largest])) {
                largest = i;
            }
        }
        return largest;
    }
}
