package org.laco.kernel;

import org.laco.tensor.HostFloats;
import org.laco.tensor.SequenceLayout;

/**
 * The derivative of {@link StateSpace}: each group of heads of each sequence by itself, its heads one after another.
 *
 * <p>With h the state before a position and h′ the one after it, {@code u = dt·x}, {@code h′ = αh + B uᵀ} and {@code y = h′ᵀC + skip·x},
 * gradients are passed back in the opposite order.
 */
final class StateSpaceDerivative {
    private final StateSpaceSpec spec;
    private final RowChunks chunks;
    private final float[] mixed;
    private final float[] raw;
    private final float[] logRates;
    private final float[] biases;
    private final float[] skips;
    private final float[] steps;

    StateSpaceDerivative(StateSpaceSpec spec, RowChunks chunks, StateSpaceInputs inputs) {
        this.spec = spec;
        this.chunks = chunks;
        this.mixed = HostKernels.all(inputs.mixed());
        this.raw = HostKernels.all(inputs.steps());
        this.logRates = HostKernels.all(inputs.rates());
        this.biases = HostKernels.all(inputs.biases());
        this.skips = HostKernels.all(inputs.skips());
        this.steps = StateSpace.steps(spec, inputs);
    }

    void compute(HostFloats gradient, StateSpaceInputs out, SequenceLayout sequences) {
        float[] byOutput = new float[sequences.rows() * spec.width()];
        gradient.get(0, byOutput, byOutput.length);
        float[] byMixed = new float[mixed.length];
        double[] byDecays = new double[steps.length];
        double[] bySteps = new double[steps.length];
        double[] bySkips = new double[steps.length];
        int group = spec.heads() / spec.groups();
        chunks.each(sequences.count() * spec.groups(), task -> {
            int sequence = task / spec.groups();
            int start = sequences.start(sequence);
            for (int i = 0; i < group; i++) {
                int head = task % spec.groups() * group + i;
                new Head(head, start, byOutput, byMixed, byDecays, bySteps, bySkips).run(sequences.length(sequence));
            }
        });
        HostFloats.of(out.mixed()).put(0, byMixed, byMixed.length);
        passBack(byDecays, bySteps, bySkips, out);
    }

    private void passBack(double[] byDecays, double[] bySteps, double[] bySkips, StateSpaceInputs out) {
        int heads = spec.heads();
        float[] byRaw = new float[raw.length];
        double[] byRates = new double[heads];
        double[] byBiases = new double[heads];
        double[] sums = new double[heads];
        for (int i = 0; i < raw.length; i++) {
            int head = i % heads;
            double rate = Math.exp(logRates[head]);
            double byExponent = byDecays[i] * Math.exp(-rate * steps[i]);
            double softplus = TimeSteps.softplus(raw[i] + biases[head]);
            boolean within = softplus >= spec.shortest() && softplus <= spec.longest();
            double by = within ? (bySteps[i] - byExponent * rate) * TimeSteps.sigmoid(raw[i] + biases[head]) : 0;
            byRaw[i] = (float) by;
            byBiases[head] += by;
            byRates[head] -= byExponent * rate * steps[i];
            sums[head] += bySkips[i];
        }
        HostFloats.of(out.steps()).put(0, byRaw, byRaw.length);
        HostFloats.of(out.rates()).put(0, TimeSteps.floats(byRates), heads);
        HostFloats.of(out.biases()).put(0, TimeSteps.floats(byBiases), heads);
        HostFloats.of(out.skips()).put(0, TimeSteps.floats(sums), heads);
    }

    /** One head of one sequence. */
    private final class Head {
        private final int head;
        private final int start;
        private final double rate;
        private final float[] byOutput;
        private final float[] byMixed;
        private final double[] byDecays;
        private final double[] bySteps;
        private final double[] bySkips;
        private final float[] change = new float[spec.headSize()];
        private final float[] byChange = new float[spec.headSize()];
        private final float[] byState = new float[spec.stateSize()];

        Head(
                int head,
                int start,
                float[] byOutput,
                float[] byMixed,
                double[] byDecays,
                double[] bySteps,
                double[] bySkips) {
            this.head = head;
            this.start = start;
            this.rate = Math.exp(logRates[head]);
            this.byOutput = byOutput;
            this.byMixed = byMixed;
            this.byDecays = byDecays;
            this.bySteps = bySteps;
            this.bySkips = bySkips;
        }

        void run(int length) {
            new ReversedRecurrence(spec.stateSize(), spec.headSize()).run(length, this::step, this::back);
        }

        private int at(int position) {
            return (start + position) * spec.heads() + head;
        }

        private int column(int position, int column) {
            return (start + position) * spec.mixedWidth() + column;
        }

        private float decay(int position) {
            return (float) Math.exp(-rate * steps[at(position)]);
        }

        private void change(int position) {
            int input = column(position, head * spec.headSize());
            for (int i = 0; i < change.length; i++) {
                change[i] = steps[at(position)] * mixed[input + i];
            }
        }

        private void step(StateMatrix state, int position) {
            change(position);
            state.update(decay(position), mixed, column(position, spec.writeColumn(head)), change, 0);
        }

        private void back(StateMatrix before, StateMatrix after, StateMatrix gradient, int position) {
            int output = (start + position) * spec.width() + head * spec.headSize();
            int input = column(position, head * spec.headSize());
            int write = column(position, spec.writeColumn(head));
            int read = column(position, spec.readColumn(head));
            change(position);
            after.times(byOutput, output, byState, 0);
            add(byState, read);
            gradient.update(1, mixed, read, byOutput, output);
            gradient.read(mixed, write, byChange, 0);
            gradient.times(change, 0, byState, 0);
            add(byState, write);
            byDecays[at(position)] = gradient.dot(before);
            gradient.scale(decay(position));
            for (int i = 0; i < change.length; i++) {
                float x = mixed[input + i];
                bySteps[at(position)] += x * byChange[i];
                bySkips[at(position)] += x * byOutput[output + i];
                byMixed[input + i] = steps[at(position)] * byChange[i] + skips[head] * byOutput[output + i];
            }
        }

        private void add(float[] by, int at) {
            for (int i = 0; i < by.length; i++) {
                byMixed[at + i] += by[i];
            }
        }
    }
}
