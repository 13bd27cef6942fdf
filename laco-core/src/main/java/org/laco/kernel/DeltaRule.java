package org.laco.kernel;

import java.util.List;
import java.util.Optional;
import org.laco.tensor.HostFloats;
import org.laco.tensor.SequenceLayout;

/**
 * The gated delta rule (Yang, Kautz and Hatamizadeh, arXiv 2412.06464) in host memory: position after position, or long sequences by matrix products.
 *
 * <p>A head's state S maps keys to values. It decays, and forgets of what it holds for a key as much as it learns of the new value:
 * {@code S ← αS + k (β (v − αSᵀk))ᵀ}, read by {@code Sᵀq}, where k and q have length 1 and q is divided by √keySize.
 */
final class DeltaRule {
    /** Rows of a head that are read at a time. */
    private static final int BLOCK = 64;

    /** Keeps the length of a vector of zeros from being divided by. */
    static final double EPSILON = 1e-6;

    private final DeltaRuleSpec spec;
    private final RowChunks chunks;
    private final Optional<DeltaRuleProducts> products;

    /**
     * Prepares a rule.
     *
     * @param products what computes long sequences, if matrices are multiplied in float32
     */
    DeltaRule(DeltaRuleSpec spec, RowChunks chunks, Optional<DeltaRuleProducts> products) {
        this.spec = spec;
        this.chunks = chunks;
        this.products = products;
    }

    void compute(DeltaRuleInputs inputs, HostFloats out, SequenceLayout sequences) {
        HostFloats mixed = HostFloats.of(inputs.mixed());
        DeltaRates rates = DeltaRates.of(inputs, spec);
        new Recurrence(sequences, chunks)
                .run(spec.valueHeads(), spec.keySize(), spec.valueSize(), (state, head, from, to) -> {
                    if (products.isPresent() && to - from >= DeltaRuleProducts.LONG) {
                        products.get().compute(state, head, from, to, mixed, rates, out);
                        return;
                    }
                    for (int row = from; row < to; row += BLOCK) {
                        compute(state, head, row, Math.min(to, row + BLOCK), mixed, rates, out);
                    }
                });
    }

    private void compute(
            StateMatrix state, int head, int from, int to, HostFloats mixed, DeltaRates rates, HostFloats out) {
        int keySize = spec.keySize();
        int valueSize = spec.valueSize();
        float[] q = chunks.take(BLOCK * keySize);
        float[] k = chunks.take(BLOCK * keySize);
        float[] v = chunks.take(BLOCK * valueSize);
        float[] results = chunks.take(BLOCK * valueSize);
        float[] change = chunks.take(valueSize);
        read(mixed, from, to, spec.queryColumn(head), keySize, q);
        read(mixed, from, to, spec.keyColumn(head), keySize, k);
        read(mixed, from, to, spec.valueColumn(head), valueSize, v);
        for (int at = 0; at < (to - from) * keySize; at += keySize) {
            normalise(q, at, keySize, 1 / Math.sqrt(keySize));
            normalise(k, at, keySize, 1);
        }
        for (int row = from; row < to; row++) {
            int key = (row - from) * keySize;
            int value = (row - from) * valueSize;
            float decay = rates.decay(row * spec.valueHeads() + head);
            float strength = rates.strength(row * spec.valueHeads() + head);
            state.read(k, key, change, 0);
            for (int i = 0; i < valueSize; i++) {
                change[i] = strength * (v[value + i] - decay * change[i]);
            }
            state.update(decay, k, key, change, 0);
            state.read(q, key, results, value);
        }
        for (int row = from; row < to; row++) {
            out.put(row * spec.valueWidth() + head * valueSize, results, (row - from) * valueSize, valueSize);
        }
        List.of(q, k, v, results, change).forEach(chunks::give);
    }

    private void read(HostFloats mixed, int from, int to, int column, int size, float[] destination) {
        for (int row = from; row < to; row++) {
            mixed.get(row * spec.mixedWidth() + column, destination, (row - from) * size, size);
        }
    }

    /** Brings a vector to a length. */
    static void normalise(float[] values, int at, int size, double length) {
        float scale = (float) (length / Math.sqrt(Sums.ofSquares(values, at, size, 0) + EPSILON));
        for (int i = at; i < at + size; i++) {
            values[i] *= scale;
        }
    }
}
