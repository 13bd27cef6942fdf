package org.laco.kernel;

import java.util.Arrays;
import org.laco.tensor.HostFloats;

/** The state of one head's recurrence: a matrix S that decays, gets outer products added, and is read by vectors. */
final class StateMatrix {
    private final float[] values;
    private final int rows;
    private final int columns;

    private StateMatrix(float[] values, int rows, int columns) {
        this.values = values;
        this.rows = rows;
        this.columns = columns;
    }

    static StateMatrix zeros(int rows, int columns) {
        return new StateMatrix(new float[rows * columns], rows, columns);
    }

    StateMatrix copy() {
        return new StateMatrix(values.clone(), rows, columns);
    }

    /** S ← decay · S + a · bᵀ. */
    void update(float decay, float[] a, int atA, float[] b, int atB) {
        for (int row = 0; row < rows; row++) {
            float factor = a[atA + row];
            int at = row * columns;
            for (int i = 0; i < columns; i++) {
                values[at + i] = decay * values[at + i] + factor * b[atB + i];
            }
        }
    }

    /** S_ij ← e^(rate_ij · step_j) · S_ij. */
    void decay(float[] rates, int atRates, float[] steps, int atSteps) {
        for (int row = 0; row < rows; row++) {
            int at = row * columns;
            for (int i = 0; i < columns; i++) {
                values[at + i] *= Exponential.exp(rates[atRates + at + i] * steps[atSteps + i]);
            }
        }
    }

    /**
     * Passes this gradient by decayed states back through {@link #decay}, in place.
     *
     * @param before the states before
     * @param byLogRates what the gradient by the logarithms of negative rates is added to
     * @param bySteps what the gradient by the steps is added to
     */
    void passBackDecay(
            StateMatrix before, float[] rates, int atRates, float[] steps, double[] byLogRates, double[] bySteps) {
        for (int row = 0; row < rows; row++) {
            for (int i = 0; i < columns; i++) {
                int at = row * columns + i;
                float rate = rates[atRates + at];
                values[at] *= Exponential.exp(rate * steps[i]);
                double byExponent = (double) values[at] * before.values[at];
                bySteps[i] += byExponent * rate;
                byLogRates[at] += byExponent * rate * steps[i];
            }
        }
    }

    /** product ← Sᵀ · a. */
    void read(float[] a, int atA, float[] product, int atProduct) {
        Arrays.fill(product, atProduct, atProduct + columns, 0);
        int row = 0;
        // Four rows at once, since each pass over the product costs as much as reading a row.
        for (; row + 4 <= rows; row += 4) {
            float a0 = a[atA + row];
            float a1 = a[atA + row + 1];
            float a2 = a[atA + row + 2];
            float a3 = a[atA + row + 3];
            int at0 = row * columns;
            int at1 = at0 + columns;
            int at2 = at1 + columns;
            int at3 = at2 + columns;
            for (int i = 0; i < columns; i++) {
                product[atProduct + i] +=
                        (a0 * values[at0 + i] + a1 * values[at1 + i]) + (a2 * values[at2 + i] + a3 * values[at3 + i]);
            }
        }
        for (; row < rows; row++) {
            float factor = a[atA + row];
            int at = row * columns;
            for (int i = 0; i < columns; i++) {
                product[atProduct + i] += factor * values[at + i];
            }
        }
    }

    /** product ← S · b. */
    void times(float[] b, int atB, float[] product, int atProduct) {
        for (int row = 0; row < rows; row++) {
            float sum = 0;
            for (int i = 0; i < columns; i++) {
                sum += values[row * columns + i] * b[atB + i];
            }
            product[atProduct + row] = sum;
        }
    }

    /** S ← factor · S. */
    void scale(float factor) {
        for (int i = 0; i < values.length; i++) {
            values[i] *= factor;
        }
    }

    /** Returns the sum of products of elements at the same places. */
    double dot(StateMatrix other) {
        return Sums.ofProducts(values, other.values, 0, values.length);
    }

    void copyTo(HostFloats destination) {
        destination.put(0, values, values.length);
    }

    void copyFrom(HostFloats source) {
        source.get(0, values, values.length);
    }

    void set(StateMatrix other) {
        System.arraycopy(other.values, 0, values, 0, values.length);
    }
}
