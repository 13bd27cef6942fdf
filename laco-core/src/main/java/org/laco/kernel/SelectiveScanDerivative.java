package org.laco.kernel;

import java.util.Arrays;
import org.laco.tensor.HostFloats;
import org.laco.tensor.SequenceLayout;

/**
 * The derivative of {@link SelectiveScan}: each group of channels by itself, sequence after sequence.
 *
 * <p>With h the states before a position and h′ those after it, {@code u = dt·x}, {@code h′ = α ⊙ h + B uᵀ} and {@code y = h′ᵀC + skip·x},
 * gradients are passed back in the opposite order. What all channels share is summed up over groups at the end, in their order.
 */
final class SelectiveScanDerivative {
    private static final int CHANNELS = SelectiveScan.CHANNELS;

    private final RowChunks chunks;
    private final int channels;
    private final int states;
    private final float[] x;
    private final float[] raw;
    private final float[] writes;
    private final float[] reads;
    private final float[] rates;
    private final float[] skips;

    SelectiveScanDerivative(RowChunks chunks, SelectiveScanInputs inputs) {
        this.chunks = chunks;
        this.channels = (int) inputs.x().size(1);
        this.states = (int) inputs.writes().size(1);
        this.x = HostKernels.all(inputs.x());
        this.raw = HostKernels.all(inputs.steps());
        this.writes = HostKernels.all(inputs.writes());
        this.reads = HostKernels.all(inputs.reads());
        this.rates = SelectiveScan.rates(HostKernels.all(inputs.rates()), channels, states);
        this.skips = HostKernels.all(inputs.skips());
    }

    void compute(HostFloats gradient, SelectiveScanInputs out, SequenceLayout sequences) {
        float[] byOutput = new float[x.length];
        gradient.get(0, byOutput, byOutput.length);
        Group[] groups = new Group[ChannelGroup.count(channels)];
        float[] byX = new float[x.length];
        float[] bySteps = new float[x.length];
        chunks.each(groups.length, number -> {
            groups[number] = new Group(number, byOutput, byX, bySteps);
            for (int sequence = 0; sequence < sequences.count(); sequence++) {
                groups[number].run(sequences.start(sequence), sequences.length(sequence));
            }
        });
        float[] byWrites = new float[writes.length];
        float[] byReads = new float[reads.length];
        float[] byRates = new float[channels * states];
        float[] bySkips = new float[channels];
        for (Group group : groups) {
            add(group.byWrites, byWrites);
            add(group.byReads, byReads);
            group.putRates(byRates);
            System.arraycopy(TimeSteps.floats(group.bySkips), 0, bySkips, group.first, group.count);
        }
        HostFloats.of(out.x()).put(0, byX, byX.length);
        HostFloats.of(out.steps()).put(0, bySteps, bySteps.length);
        HostFloats.of(out.writes()).put(0, byWrites, byWrites.length);
        HostFloats.of(out.reads()).put(0, byReads, byReads.length);
        HostFloats.of(out.rates()).put(0, byRates, byRates.length);
        HostFloats.of(out.skips()).put(0, bySkips, bySkips.length);
    }

    private static void add(float[] values, float[] sums) {
        for (int i = 0; i < sums.length; i++) {
            sums[i] += values[i];
        }
    }

    /** Some channels of all sequences. */
    private final class Group {
        private final int first;
        private final int count;
        private final int atRates;
        private final float[] byOutput;
        private final float[] byX;
        private final float[] bySteps;
        private final float[] byWrites = new float[writes.length];
        private final float[] byReads = new float[reads.length];
        private final double[] byRates = new double[states * CHANNELS];
        private final double[] bySkips = new double[CHANNELS];
        private final float[] step = new float[CHANNELS];
        private final float[] change = new float[CHANNELS];
        private final float[] byChange = new float[CHANNELS];
        private final float[] byRow = new float[CHANNELS];
        private final double[] byStep = new double[CHANNELS];

        Group(int number, float[] byOutput, float[] byX, float[] bySteps) {
            this.first = number * CHANNELS;
            this.count = Math.min(CHANNELS, channels - first);
            this.atRates = first * states;
            this.byOutput = byOutput;
            this.byX = byX;
            this.bySteps = bySteps;
        }

        void run(int start, int length) {
            new ReversedRecurrence(states, CHANNELS)
                    .run(
                            length,
                            (state, position) -> step(state, start + position),
                            (before, after, gradient, position) -> back(before, after, gradient, start + position));
        }

        private int at(int row) {
            return row * channels + first;
        }

        private void change(int row) {
            for (int i = 0; i < count; i++) {
                step[i] = (float) TimeSteps.softplus(raw[at(row) + i]);
                change[i] = step[i] * x[at(row) + i];
            }
        }

        private void step(StateMatrix state, int row) {
            change(row);
            state.decay(rates, atRates, step, 0);
            state.update(1, writes, row * states, change, 0);
        }

        private void back(StateMatrix before, StateMatrix after, StateMatrix gradient, int row) {
            change(row);
            System.arraycopy(byOutput, at(row), byRow, 0, count);
            after.times(byRow, 0, byReads, row * states);
            gradient.update(1, reads, row * states, byRow, 0);
            gradient.read(writes, row * states, byChange, 0);
            gradient.times(change, 0, byWrites, row * states);
            Arrays.fill(byStep, 0);
            gradient.passBackDecay(before, rates, atRates, step, byRates, byStep);
            for (int i = 0; i < count; i++) {
                float input = x[at(row) + i];
                byStep[i] += input * byChange[i];
                bySkips[i] += (double) input * byRow[i];
                byX[at(row) + i] = step[i] * byChange[i] + skips[first + i] * byRow[i];
                bySteps[at(row) + i] = (float) (byStep[i] * TimeSteps.sigmoid(raw[at(row) + i]));
            }
        }

        void putRates(float[] all) {
            for (int i = 0; i < count; i++) {
                for (int n = 0; n < states; n++) {
                    all[(first + i) * states + n] = (float) byRates[n * CHANNELS + i];
                }
            }
        }
    }
}
