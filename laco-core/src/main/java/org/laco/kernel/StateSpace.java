package org.laco.kernel;

import java.util.List;
import org.laco.tensor.HostFloats;
import org.laco.tensor.SequenceLayout;

/**
 * The state space model of Mamba 2 (Dao and Gu, arXiv 2405.21060) in host memory, position after position.
 *
 * <p>A head's state h decays with time, is written by B and read by C: {@code h ← e^(−exp(rate)·dt) h + B (dt·x)ᵀ}, {@code y = hᵀC +
 * skip·x}, where dt is the head's time step.
 */
final class StateSpace {
    /** Rows of a head that are read at a time. */
    private static final int BLOCK = 64;

    private final StateSpaceSpec spec;
    private final RowChunks chunks;

    StateSpace(StateSpaceSpec spec, RowChunks chunks) {
        this.spec = spec;
        this.chunks = chunks;
    }

    void compute(StateSpaceInputs inputs, HostFloats out, SequenceLayout sequences) {
        HostFloats mixed = HostFloats.of(inputs.mixed());
        float[] steps = steps(spec, inputs);
        float[] rates = HostKernels.all(inputs.rates());
        float[] skips = HostKernels.all(inputs.skips());
        new Recurrence(sequences, chunks)
                .run(spec.heads(), spec.stateSize(), spec.headSize(), (state, head, from, to) -> {
                    Head one = new Head(head, Math.exp(rates[head]), skips[head]);
                    for (int row = from; row < to; row += BLOCK) {
                        compute(state, one, row, Math.min(to, row + BLOCK), mixed, steps, out);
                    }
                });
    }

    private record Head(int number, double rate, float skip) {}

    /** The time steps, {@code [rows, heads]}. */
    static float[] steps(StateSpaceSpec spec, StateSpaceInputs inputs) {
        float[] steps = HostKernels.all(inputs.steps());
        float[] biases = HostKernels.all(inputs.biases());
        for (int i = 0; i < steps.length; i++) {
            double step = TimeSteps.softplus(steps[i] + biases[i % biases.length]);
            steps[i] = (float) Math.min(Math.max(step, spec.shortest()), spec.longest());
        }
        return steps;
    }

    private void compute(
            StateMatrix state, Head head, int from, int to, HostFloats mixed, float[] steps, HostFloats out) {
        int size = spec.headSize();
        int stateSize = spec.stateSize();
        float[] x = chunks.take(BLOCK * size);
        float[] writes = chunks.take(BLOCK * stateSize);
        float[] reads = chunks.take(BLOCK * stateSize);
        float[] results = chunks.take(BLOCK * size);
        float[] change = chunks.take(size);
        read(mixed, from, to, head.number * size, size, x);
        read(mixed, from, to, spec.writeColumn(head.number), stateSize, writes);
        read(mixed, from, to, spec.readColumn(head.number), stateSize, reads);
        for (int row = from; row < to; row++) {
            int at = (row - from) * size;
            int stateAt = (row - from) * stateSize;
            float step = steps[row * spec.heads() + head.number];
            for (int i = 0; i < size; i++) {
                change[i] = step * x[at + i];
            }
            state.update((float) Math.exp(-head.rate * step), writes, stateAt, change, 0);
            state.read(reads, stateAt, results, at);
            for (int i = at; i < at + size; i++) {
                results[i] += head.skip * x[i];
            }
        }
        for (int row = from; row < to; row++) {
            out.put(row * spec.width() + head.number * size, results, (row - from) * size, size);
        }
        List.of(x, writes, reads, results, change).forEach(chunks::give);
    }

    private void read(HostFloats mixed, int from, int to, int column, int size, float[] destination) {
        for (int row = from; row < to; row++) {
            mixed.get(row * spec.mixedWidth() + column, destination, (row - from) * size, size);
        }
    }
}
