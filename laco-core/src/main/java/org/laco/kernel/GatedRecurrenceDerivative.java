package org.laco.kernel;

import org.laco.tensor.HostFloats;
import org.laco.tensor.SequenceLayout;

/**
 * The derivative of {@link GatedRecurrence}: each group of channels by itself, sequence after sequence.
 *
 * <p>As in RecurrentGemma, the slope of the root is bounded, which is infinite where nothing decays.
 */
final class GatedRecurrenceDerivative {
    private static final int CHANNELS = GatedRecurrence.CHANNELS;

    /** The least that four times a root's argument counts as in its slope: it is then 1000. */
    private static final double LEAST = 1e-6;

    private final RowChunks chunks;
    private final int channels;
    private final float[] x;
    private final float[] inputGates;
    private final float[] decayGates;
    private final float[] raw;
    private final float[] rates;

    GatedRecurrenceDerivative(RowChunks chunks, GatedRecurrenceInputs inputs) {
        this.chunks = chunks;
        this.channels = (int) inputs.x().size(1);
        this.x = HostKernels.all(inputs.x());
        this.inputGates = HostKernels.all(inputs.inputGates());
        this.decayGates = HostKernels.all(inputs.decayGates());
        this.raw = HostKernels.all(inputs.rates());
        this.rates = GatedRecurrence.rates(raw);
    }

    void compute(HostFloats gradient, GatedRecurrenceInputs out, SequenceLayout sequences) {
        float[] byOutput = new float[x.length];
        gradient.get(0, byOutput, byOutput.length);
        Gradients by =
                new Gradients(new float[x.length], new float[x.length], new float[x.length], new float[channels]);
        boolean[] begins = GatedRecurrence.begins(sequences);
        chunks.each(ChannelGroup.count(channels), number -> {
            Group group = new Group(new ChannelGroup(number, channels), byOutput, by, begins);
            for (int sequence = 0; sequence < sequences.count(); sequence++) {
                group.run(sequences.start(sequence), sequences.length(sequence));
            }
            group.putRates();
        });
        HostFloats.of(out.x()).put(0, by.x, by.x.length);
        HostFloats.of(out.inputGates()).put(0, by.inputGates, by.x.length);
        HostFloats.of(out.decayGates()).put(0, by.decayGates, by.x.length);
        HostFloats.of(out.rates()).put(0, by.rates, channels);
    }

    private record Gradients(float[] x, float[] inputGates, float[] decayGates, float[] rates) {}

    /** Some channels of all sequences. */
    private final class Group {
        private final ChannelGroup group;
        private final float[] byOutput;
        private final Gradients by;
        private final boolean[] begins;
        private final double[] byLogRates = new double[CHANNELS];
        private final double[] byGate = new double[CHANNELS];
        private final float[] gate = new float[CHANNELS];
        private final float[] change = new float[CHANNELS];
        private final float[] byRow = new float[CHANNELS];
        private final float[] byState = new float[CHANNELS];

        Group(ChannelGroup group, float[] byOutput, Gradients by, boolean[] begins) {
            this.group = group;
            this.byOutput = byOutput;
            this.by = by;
            this.begins = begins;
        }

        void run(int start, int length) {
            new ReversedRecurrence(1, CHANNELS)
                    .run(
                            length,
                            (state, position) -> step(state, start + position),
                            (before, after, gradient, position) -> back(before, gradient, start + position));
        }

        private int at(int row) {
            return row * channels + group.first();
        }

        private double share(int row, int i) {
            return begins[row] ? 1 : GatedRecurrence.share(rates[group.first() + i] * gate[i]);
        }

        private void step(StateMatrix state, int row) {
            for (int i = 0; i < group.size(); i++) {
                int at = at(row) + i;
                gate[i] = (float) TimeSteps.sigmoid(decayGates[at]);
                change[i] = (float) (share(row, i) * TimeSteps.sigmoid(inputGates[at]) * x[at]);
            }
            state.decay(rates, group.first(), gate, 0);
            state.update(1, GatedRecurrence.ONE, 0, change, 0);
        }

        private void back(StateMatrix before, StateMatrix gradient, int row) {
            System.arraycopy(byOutput, at(row), byRow, 0, group.size());
            gradient.update(1, GatedRecurrence.ONE, 0, byRow, 0);
            gradient.read(GatedRecurrence.ONE, 0, byState, 0);
            for (int i = 0; i < group.size(); i++) {
                gate[i] = (float) TimeSteps.sigmoid(decayGates[at(row) + i]);
                byGate[i] = 0;
            }
            gradient.passBackDecay(before, rates, group.first(), gate, byLogRates, byGate);
            for (int i = 0; i < group.size(); i++) {
                int at = at(row) + i;
                double open = TimeSteps.sigmoid(inputGates[at]);
                double share = share(row, i);
                by.x[at] = (float) (byState[i] * share * open);
                by.inputGates[at] = (float) (byState[i] * share * x[at] * open * (1 - open));
                double byLogarithm =
                        begins[row] ? 0 : byState[i] * open * x[at] * slope(rates[group.first() + i] * gate[i]);
                double byThis = byGate[i] + byLogarithm * rates[group.first() + i];
                byLogRates[i] += byLogarithm * rates[group.first() + i] * gate[i];
                by.decayGates[at] = (float) (byThis * gate[i] * (1 - gate[i]));
            }
        }

        /** By the rates as they are stored: what came by their logarithms goes through softplus. */
        void putRates() {
            for (int i = 0; i < group.size(); i++) {
                float rate = raw[group.first() + i];
                by.rates[group.first() + i] =
                        (float) (byLogRates[i] * TimeSteps.sigmoid(rate) / TimeSteps.softplus(rate));
            }
        }
    }

    /** The slope of √(1 − a²) by the logarithm of a. */
    private static double slope(double logarithm) {
        double square = Math.exp(2 * logarithm);
        return -2 * square / Math.sqrt(Math.max(4 * (1 - square), LEAST));
    }
}
