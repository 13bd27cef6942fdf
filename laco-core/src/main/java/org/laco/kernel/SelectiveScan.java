package org.laco.kernel;

import java.util.List;
import org.laco.tensor.HostFloats;
import org.laco.tensor.SequenceLayout;

/**
 * The selective scan of Mamba (Gu and Dao, arXiv 2312.00752) in host memory, position after position.
 *
 * <p>Each channel has states h of rates of their own, which decay with the channel's time step dt, are written by B and read by C: {@code
 * h_n ← e^(−exp(rate_n)·dt) h_n + B_n (dt·x)}, {@code y = Σ C_n h_n + skip·x}. Some channels are computed at a time, with their states of
 * one number beside one another.
 */
final class SelectiveScan {
    /** Channels that are computed at a time. */
    static final int CHANNELS = ChannelGroup.SIZE;

    /** Rows of these channels that are read at a time. */
    private static final int BLOCK = 64;

    private final RowChunks chunks;

    SelectiveScan(RowChunks chunks) {
        this.chunks = chunks;
    }

    void compute(SelectiveScanInputs inputs, HostFloats out, SequenceLayout sequences) {
        int channels = (int) inputs.x().size(1);
        int states = (int) inputs.writes().size(1);
        HostFloats x = HostFloats.of(inputs.x());
        HostFloats steps = HostFloats.of(inputs.steps());
        float[] writes = HostKernels.all(inputs.writes());
        float[] reads = HostKernels.all(inputs.reads());
        float[] rates = rates(HostKernels.all(inputs.rates()), channels, states);
        float[] skips = HostKernels.all(inputs.skips());
        new Recurrence(sequences, chunks)
                .run(ChannelGroup.count(channels), states, CHANNELS, (state, group, from, to) -> {
                    Group one = new Group(group, channels, states, rates, skips);
                    for (int row = from; row < to; row += BLOCK) {
                        one.compute(state, row, Math.min(to, row + BLOCK), x, steps, writes, reads, out);
                    }
                });
    }

    /** The rates, negative, those of a group of channels together and of a state's number beside one another; 0 beyond the last channel. */
    static float[] rates(float[] logarithms, int channels, int states) {
        float[] rates = new float[ChannelGroup.count(channels) * states * CHANNELS];
        for (int channel = 0; channel < channels; channel++) {
            int at = channel / CHANNELS * states * CHANNELS + channel % CHANNELS;
            for (int n = 0; n < states; n++) {
                rates[at + n * CHANNELS] = (float) -Math.exp(logarithms[channel * states + n]);
            }
        }
        return rates;
    }

    /** Some channels of a batch. */
    private final class Group {
        private final ChannelGroup channels;
        private final int first;
        private final int count;
        private final int states;
        private final float[] rates;
        private final int atRates;
        private final float[] skips;

        Group(int number, int channels, int states, float[] rates, float[] skips) {
            this.channels = new ChannelGroup(number, channels);
            this.first = this.channels.first();
            this.count = this.channels.size();
            this.states = states;
            this.rates = rates;
            this.atRates = first * states;
            this.skips = skips;
        }

        void compute(
                StateMatrix state,
                int from,
                int to,
                HostFloats allX,
                HostFloats allSteps,
                float[] writes,
                float[] reads,
                HostFloats out) {
            float[] x = chunks.take(BLOCK * CHANNELS);
            float[] steps = chunks.take(BLOCK * CHANNELS);
            float[] results = chunks.take(BLOCK * CHANNELS);
            float[] change = chunks.take(CHANNELS);
            channels.read(allX, from, to, x);
            channels.read(allSteps, from, to, steps);
            for (int row = from; row < to; row++) {
                int at = (row - from) * CHANNELS;
                for (int i = 0; i < count; i++) {
                    steps[at + i] = (float) TimeSteps.softplus(steps[at + i]);
                }
                for (int i = 0; i < CHANNELS; i++) {
                    change[i] = steps[at + i] * x[at + i];
                }
                state.decay(rates, atRates, steps, at);
                state.update(1, writes, row * states, change, 0);
                state.read(reads, row * states, results, at);
                for (int i = 0; i < count; i++) {
                    results[at + i] += skips[first + i] * x[at + i];
                }
            }
            channels.write(results, from, to, out);
            List.of(x, steps, results, change).forEach(chunks::give);
        }
    }
}
