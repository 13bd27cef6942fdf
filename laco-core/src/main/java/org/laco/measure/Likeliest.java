package org.laco.measure;

import org.laco.base.Internal;

/** Finds the tokens of the highest logits, which must be numbers. */
@Internal
public final class Likeliest {
    private Likeliest() {}

    /**
     * Finds the indices of the highest values.
     *
     * @param values the values
     * @param count how many, at most all
     * @return the indices in ascending order; of equal values at the bound, the lowest indices
     */
    public static int[] of(float[] values, int count) {
        float bound = bound(values, count);
        int above = 0;
        for (float value : values) {
            above += value > bound ? 1 : 0;
        }
        int equals = count - above;
        int[] chosen = new int[count];
        int at = 0;
        for (int i = 0; i < values.length && at < count; i++) {
            if (values[i] > bound || values[i] == bound && equals-- > 0) {
                chosen[at++] = i;
            }
        }
        return chosen;
    }

    /** Returns the count-th highest value, the lowest of all if there are no more. */
    static float bound(float[] values, int count) {
        return select(values.clone(), Math.min(count, values.length));
    }

    /** Selects by partitions around a middle value (Hoare's selection); the values change places. */
    private static float select(float[] values, int count) {
        int wanted = values.length - count;
        int low = 0;
        int high = values.length - 1;
        while (low < high) {
            float pivot = values[(low + high) >>> 1];
            int i = low;
            int j = high;
            while (i <= j) {
                while (values[i] < pivot) {
                    i++;
                }
                while (values[j] > pivot) {
                    j--;
                }
                if (i <= j) {
                    float swapped = values[i];
                    values[i++] = values[j];
                    values[j--] = swapped;
                }
            }
            if (wanted <= j) {
                high = j;
            } else if (wanted >= i) {
                low = i;
            } else {
                break;
            }
        }
        return values[wanted];
    }
}
