package org.laco.kernel;

import org.laco.tensor.HostFloats;

/** By how much the states of a delta rule decay at each position, and how strong their updates are. */
final class DeltaRates {
    private final float[] raw;
    private final float[] logRates;
    private final float[] biases;
    private final double[] exponents;
    private final float[] decays;
    private final float[] strengths;
    private final double strongest;

    private DeltaRates(
            float[] raw,
            float[] logRates,
            float[] biases,
            double[] exponents,
            float[] decays,
            float[] strengths,
            double strongest) {
        this.raw = raw;
        this.logRates = logRates;
        this.biases = biases;
        this.exponents = exponents;
        this.decays = decays;
        this.strengths = strengths;
        this.strongest = strongest;
    }

    static DeltaRates of(DeltaRuleInputs inputs, DeltaRuleSpec spec) {
        float[] raw = HostKernels.all(inputs.decays());
        float[] logRates = HostKernels.all(inputs.rates());
        float[] biases = HostKernels.all(inputs.biases());
        float[] strengths = HostKernels.all(inputs.strengths());
        double[] exponents = new double[raw.length];
        float[] decays = new float[raw.length];
        for (int i = 0; i < raw.length; i++) {
            int head = i % biases.length;
            exponents[i] = -Math.exp(logRates[head]) * TimeSteps.softplus(raw[i] + biases[head]);
            decays[i] = (float) Math.exp(exponents[i]);
            strengths[i] = (float) (spec.strongest() * TimeSteps.sigmoid(strengths[i]));
        }
        return new DeltaRates(raw, logRates, biases, exponents, decays, strengths, spec.strongest());
    }

    /** The logarithm of the factor α of a state, at {@code row · valueHeads + head}. */
    double exponent(int at) {
        return exponents[at];
    }

    /** The factor α of a state, at {@code row · valueHeads + head}. */
    float decay(int at) {
        return decays[at];
    }

    /** The strength β of an update, at {@code row · valueHeads + head}. */
    float strength(int at) {
        return strengths[at];
    }

    /** Passes gradients by decays and strengths back to what these come from. */
    void passBack(double[] byDecays, double[] byStrengths, DeltaRuleInputs out) {
        int heads = biases.length;
        float[] byRaw = new float[raw.length];
        float[] byRawStrengths = new float[raw.length];
        double[] byRates = new double[heads];
        double[] byBiases = new double[heads];
        for (int i = 0; i < raw.length; i++) {
            int head = i % heads;
            double rate = Math.exp(logRates[head]);
            double step = raw[i] + biases[head];
            double byExponent = byDecays[i] * decays[i];
            double by = -byExponent * rate * TimeSteps.sigmoid(step);
            byRaw[i] = (float) by;
            byBiases[head] += by;
            byRates[head] -= byExponent * rate * TimeSteps.softplus(step);
            byRawStrengths[i] = (float) (byStrengths[i] * strengths[i] * (1 - strengths[i] / strongest));
        }
        HostFloats.of(out.decays()).put(0, byRaw, byRaw.length);
        HostFloats.of(out.strengths()).put(0, byRawStrengths, byRaw.length);
        HostFloats.of(out.rates()).put(0, TimeSteps.floats(byRates), heads);
        HostFloats.of(out.biases()).put(0, TimeSteps.floats(byBiases), heads);
    }
}
