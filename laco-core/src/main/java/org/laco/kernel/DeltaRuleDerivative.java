package org.laco.kernel;

import org.laco.tensor.HostFloats;
import org.laco.tensor.SequenceLayout;

/**
 * The derivative of {@link DeltaRule}: each key head of each sequence by itself, its value heads one after another.
 *
 * <p>With S the state before a position and S′ the one after it, {@code m = Sᵀk}, {@code d = β (v − αm)}, {@code S′ = αS + k dᵀ} and
 * {@code o = S′ᵀq}, gradients are passed back in the opposite order.
 */
final class DeltaRuleDerivative {
    private final DeltaRuleSpec spec;
    private final RowChunks chunks;
    private final float[] mixed;
    private final DeltaRates rates;

    DeltaRuleDerivative(DeltaRuleSpec spec, RowChunks chunks, DeltaRuleInputs inputs) {
        this.spec = spec;
        this.chunks = chunks;
        this.mixed = HostKernels.all(inputs.mixed());
        this.rates = DeltaRates.of(inputs, spec);
    }

    void compute(HostFloats gradient, DeltaRuleInputs out, SequenceLayout sequences) {
        int rows = sequences.rows();
        float[] byOutput = new float[rows * spec.valueWidth()];
        gradient.get(0, byOutput, byOutput.length);
        float[] byMixed = new float[mixed.length];
        double[] byDecays = new double[rows * spec.valueHeads()];
        double[] byStrengths = new double[rows * spec.valueHeads()];
        int group = spec.valueHeads() / spec.keyHeads();
        chunks.each(sequences.count() * spec.keyHeads(), task -> {
            int sequence = task / spec.keyHeads();
            int start = sequences.start(sequence);
            for (int i = 0; i < group; i++) {
                int head = task % spec.keyHeads() * group + i;
                new Head(head, start, byOutput, byMixed, byDecays, byStrengths).run(sequences.length(sequence));
            }
        });
        HostFloats.of(out.mixed()).put(0, byMixed, byMixed.length);
        rates.passBack(byDecays, byStrengths, out);
    }

    /** One value head of one sequence. */
    private final class Head {
        private final int head;
        private final int start;
        private final float[] byOutput;
        private final float[] byMixed;
        private final double[] byDecays;
        private final double[] byStrengths;
        private final float[] query = new float[spec.keySize()];
        private final float[] key = new float[spec.keySize()];
        private final float[] byQuery = new float[spec.keySize()];
        private final float[] byKey = new float[spec.keySize()];
        private final float[] product = new float[spec.keySize()];
        private final float[] held = new float[spec.valueSize()];
        private final float[] change = new float[spec.valueSize()];
        private final float[] byChange = new float[spec.valueSize()];

        Head(int head, int start, float[] byOutput, float[] byMixed, double[] byDecays, double[] byStrengths) {
            this.head = head;
            this.start = start;
            this.byOutput = byOutput;
            this.byMixed = byMixed;
            this.byDecays = byDecays;
            this.byStrengths = byStrengths;
        }

        void run(int length) {
            new ReversedRecurrence(spec.keySize(), spec.valueSize()).run(length, this::step, this::back);
        }

        private int rate(int position) {
            return (start + position) * spec.valueHeads() + head;
        }

        private int column(int position, int column) {
            return (start + position) * spec.mixedWidth() + column;
        }

        private void normalise(int position, int column, double length, float[] destination) {
            int at = column(position, column);
            System.arraycopy(mixed, at, destination, 0, destination.length);
            DeltaRule.normalise(destination, 0, destination.length, length);
        }

        private double queryLength() {
            return 1 / Math.sqrt(spec.keySize());
        }

        /** Sets what the state held for the key, and by what it changes. */
        private void change(StateMatrix before, int position) {
            normalise(position, spec.keyColumn(head), 1, key);
            before.read(key, 0, held, 0);
            int value = column(position, spec.valueColumn(head));
            for (int i = 0; i < change.length; i++) {
                change[i] = rates.strength(rate(position)) * (mixed[value + i] - rates.decay(rate(position)) * held[i]);
            }
        }

        private void step(StateMatrix state, int position) {
            change(state, position);
            state.update(rates.decay(rate(position)), key, 0, change, 0);
        }

        private void back(StateMatrix before, StateMatrix after, StateMatrix gradient, int position) {
            float decay = rates.decay(rate(position));
            float strength = rates.strength(rate(position));
            int output = (start + position) * spec.valueWidth() + head * spec.valueSize();
            int value = column(position, spec.valueColumn(head));
            change(before, position);
            normalise(position, spec.queryColumn(head), queryLength(), query);
            after.times(byOutput, output, byQuery, 0);
            gradient.update(1, query, 0, byOutput, output);
            gradient.read(key, 0, byChange, 0);
            gradient.times(change, 0, byKey, 0);
            double byDecay = gradient.dot(before);
            double byStrength = 0;
            for (int i = 0; i < byChange.length; i++) {
                byStrength += byChange[i] * (mixed[value + i] - decay * held[i]);
                byMixed[value + i] = strength * byChange[i];
                // From here on the gradient by what was held.
                byDecay -= strength * byChange[i] * held[i];
                byChange[i] *= -strength;
            }
            before.times(byChange, 0, product, 0);
            for (int i = 0; i < byKey.length; i++) {
                byKey[i] += decay * product[i];
            }
            gradient.scale(decay);
            for (int i = 0; i < byChange.length; i++) {
                byChange[i] *= decay;
            }
            gradient.update(1, key, 0, byChange, 0);
            byDecays[rate(position)] = byDecay;
            byStrengths[rate(position)] = byStrength;
            addThroughNorm(position, spec.queryColumn(head), queryLength(), byQuery);
            addThroughNorm(position, spec.keyColumn(head), 1, byKey);
        }

        /** With r = 1/√(Σx² + ε): length · r · (g − x · r² · Σ g·x). */
        private void addThroughNorm(int position, int column, double length, float[] by) {
            int at = column(position, column);
            double dot = 0;
            for (int i = 0; i < by.length; i++) {
                dot += (double) by[i] * mixed[at + i];
            }
            double r = 1 / Math.sqrt(Sums.ofSquares(mixed, at, by.length, 0) + DeltaRule.EPSILON);
            for (int i = 0; i < by.length; i++) {
                byMixed[at + i] += (float) (length * r * (by[i] - mixed[at + i] * r * r * dot));
            }
        }
    }
}
