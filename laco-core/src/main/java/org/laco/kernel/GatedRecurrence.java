package org.laco.kernel;

import java.util.List;
import org.laco.tensor.HostFloats;
import org.laco.tensor.SequenceLayout;

/**
 * The real-gated linear recurrent unit of Griffin (De et al., arXiv 2402.19427, section 2.4) in host memory, position after position.
 *
 * <p>With gates i and r of inputs and decays, a channel's state is {@code h ← a·h + √(1 − a²)·i·x}, where {@code a = e^(−8·softplus(rate)·r)};
 * at the first position of a text it is {@code i·x}.
 */
final class GatedRecurrence {
    /** Channels that are computed at a time. */
    static final int CHANNELS = ChannelGroup.SIZE;

    /** Rows of these channels that are read at a time. */
    private static final int BLOCK = 64;

    /** By how much the logarithm of a channel's decay is larger than its rate. */
    static final double SHARPNESS = 8;

    /** What a state of one row is updated and read by. */
    static final float[] ONE = {1};

    private final RowChunks chunks;

    GatedRecurrence(RowChunks chunks) {
        this.chunks = chunks;
    }

    void compute(GatedRecurrenceInputs inputs, HostFloats out, SequenceLayout sequences) {
        int channels = (int) inputs.x().size(1);
        HostFloats x = HostFloats.of(inputs.x());
        HostFloats inputGates = HostFloats.of(inputs.inputGates());
        HostFloats decayGates = HostFloats.of(inputs.decayGates());
        float[] rates = rates(HostKernels.all(inputs.rates()));
        boolean[] begins = begins(sequences);
        new Recurrence(sequences, chunks).run(ChannelGroup.count(channels), 1, CHANNELS, (state, number, from, to) -> {
            ChannelGroup group = new ChannelGroup(number, channels);
            for (int row = from; row < to; row += BLOCK) {
                compute(state, group, row, Math.min(to, row + BLOCK), x, inputGates, decayGates, rates, begins, out);
            }
        });
    }

    /** The logarithms of decays where the gate is 1, 0 beyond the last channel. */
    static float[] rates(float[] raw) {
        float[] rates = new float[ChannelGroup.count(raw.length) * CHANNELS];
        for (int i = 0; i < raw.length; i++) {
            rates[i] = (float) (-SHARPNESS * TimeSteps.softplus(raw[i]));
        }
        return rates;
    }

    /** Which rows are the first of a text. */
    static boolean[] begins(SequenceLayout sequences) {
        boolean[] begins = new boolean[sequences.rows()];
        for (int i = 0; i < sequences.count(); i++) {
            if (sequences.position(i) == 0) {
                begins[sequences.start(i)] = true;
            }
        }
        return begins;
    }

    private void compute(
            StateMatrix state,
            ChannelGroup group,
            int from,
            int to,
            HostFloats allX,
            HostFloats allInputGates,
            HostFloats allDecayGates,
            float[] rates,
            boolean[] begins,
            HostFloats out) {
        float[] x = chunks.take(BLOCK * CHANNELS);
        float[] inputGates = chunks.take(BLOCK * CHANNELS);
        float[] decayGates = chunks.take(BLOCK * CHANNELS);
        float[] change = chunks.take(CHANNELS);
        group.read(allX, from, to, x);
        group.read(allInputGates, from, to, inputGates);
        group.read(allDecayGates, from, to, decayGates);
        for (int row = from; row < to; row++) {
            int at = (row - from) * CHANNELS;
            for (int i = 0; i < CHANNELS; i++) {
                decayGates[at + i] = (float) TimeSteps.sigmoid(decayGates[at + i]);
                double share = begins[row] ? 1 : share(rates[group.first() + i] * decayGates[at + i]);
                change[i] = (float) (share * TimeSteps.sigmoid(inputGates[at + i]) * x[at + i]);
            }
            state.decay(rates, group.first(), decayGates, at);
            state.update(1, ONE, 0, change, 0);
            state.read(ONE, 0, x, at);
        }
        group.write(x, from, to, out);
        List.of(x, inputGates, decayGates, change).forEach(chunks::give);
    }

    /** √(1 − a²) by the logarithm of a. */
    static double share(double logarithm) {
        return Math.sqrt(-Math.expm1(2 * logarithm));
    }
}
