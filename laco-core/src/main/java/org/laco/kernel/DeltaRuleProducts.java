package org.laco.kernel;

import java.util.Arrays;
import java.util.List;
import org.laco.tensor.ArrayPool;
import org.laco.tensor.HostFloats;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The gated delta rule by matrix products over blocks of positions (Yang et al., arXiv 2406.06484; with decays, arXiv 2412.06464), for
 * sequences that are long enough for them to pay.
 *
 * <p>With G_i the sum of the logarithms of the decays of a block up to position i, what the state changes by at the block's positions is
 * {@code D = (I + A)⁻¹ β (V − e^G K S)} with {@code A_ij = β_i e^(G_i − G_j) k_i·k_j} for j before i. Then position i reads {@code e^G_i
 * Sᵀq_i + Σ_j≤i e^(G_i − G_j) (q_i·k_j) D_j}, and the state becomes {@code e^G S + Σ_j e^(G − G_j) k_j D_jᵀ}.
 */
final class DeltaRuleProducts {
    /** Positions of a block. A shorter one is filled with zeros, so that few products have to be compiled. */
    private static final int BLOCK = 64;

    /** Positions of a sequence from which on products are faster than loops. */
    static final int LONG = 32;

    private final DeltaRuleSpec spec;
    private final RowChunks chunks;
    private final MatrixProduct product;
    private final ArrayPool pool;

    DeltaRuleProducts(DeltaRuleSpec spec, RowChunks chunks, MatrixProduct product, ArrayPool pool) {
        this.spec = spec;
        this.chunks = chunks;
        this.product = product;
        this.pool = pool;
    }

    /** Computes a value head of the rows {@code [from, to)} of a sequence. */
    void compute(StateMatrix state, int head, int from, int to, HostFloats mixed, DeltaRates rates, HostFloats out) {
        INDArray held = pool.take(spec.keySize(), spec.valueSize());
        state.copyTo(HostFloats.of(held));
        Block block = new Block(head, held, mixed, rates);
        for (int row = from; row < to; row += BLOCK) {
            block.compute(row, Math.min(to, row + BLOCK), out);
        }
        state.copyFrom(HostFloats.of(held));
        block.release();
        pool.give(held);
    }

    /** The arrays of one block after another of a head. */
    private final class Block {
        private final int head;
        private final INDArray state;
        private final HostFloats mixed;
        private final DeltaRates rates;
        private final int keySize = spec.keySize();
        private final int valueSize = spec.valueSize();
        /** Keys, then queries. */
        private final INDArray vectors = pool.take(2L * BLOCK, keySize);

        private final INDArray keys = HostFloats.rows(vectors, 0, BLOCK);
        private final INDArray decayedKeys = pool.take(BLOCK, keySize);
        private final INDArray byKeys = pool.take(2L * BLOCK, BLOCK);
        private final INDArray read = pool.take(2L * BLOCK, valueSize);
        private final INDArray weights = pool.take(BLOCK, BLOCK);
        private final INDArray changes = pool.take(BLOCK, valueSize);
        private final INDArray within = pool.take(BLOCK, valueSize);
        private final float[] vectorValues = chunks.take(2 * BLOCK * keySize);
        private final float[] scores = chunks.take(2 * BLOCK * BLOCK);
        private final float[] readValues = chunks.take(2 * BLOCK * valueSize);
        private final float[] change = chunks.take(BLOCK * valueSize);
        /** The sums of the logarithms of decays. */
        private final double[] sums = new double[BLOCK];

        private final float[] strengths = new float[BLOCK];

        Block(int head, INDArray state, HostFloats mixed, DeltaRates rates) {
            this.head = head;
            this.state = state;
            this.mixed = mixed;
            this.rates = rates;
        }

        void compute(int from, int to, HostFloats out) {
            int count = to - from;
            load(from, count);
            product.multiply(vectors, keys, false, byKeys);
            product.multiply(vectors, state, true, read);
            HostFloats.of(byKeys).get(0, scores, 2 * BLOCK * BLOCK);
            HostFloats.of(read).get(0, readValues, 2 * BLOCK * valueSize);
            solve(from, count);
            HostFloats.of(changes).put(0, change, BLOCK * valueSize);
            weigh();
            product.multiply(weights, changes, true, within);
            advance();
            write(from, count, out);
        }

        private void load(int from, int count) {
            double sum = 0;
            for (int i = 0; i < BLOCK; i++) {
                int at = (from + i) * spec.valueHeads() + head;
                sum += i < count ? rates.exponent(at) : 0;
                sums[i] = sum;
                strengths[i] = i < count ? rates.strength(at) : 0;
            }
            loadVectors(from, count, spec.keyColumn(head), 0, 1);
            loadVectors(from, count, spec.queryColumn(head), BLOCK, 1 / Math.sqrt(keySize));
            HostFloats.of(vectors).put(0, vectorValues, 2 * BLOCK * keySize);
        }

        private void loadVectors(int from, int count, int column, int first, double length) {
            for (int i = 0; i < count; i++) {
                int at = (first + i) * keySize;
                mixed.get((from + i) * spec.mixedWidth() + column, vectorValues, at, keySize);
                DeltaRule.normalise(vectorValues, at, keySize, length);
            }
            Arrays.fill(vectorValues, (first + count) * keySize, (first + BLOCK) * keySize, 0);
        }

        /** Finds the changes from the first position to the last, each of which follows from those before it. */
        private void solve(int from, int count) {
            for (int i = 0; i < count; i++) {
                int at = i * valueSize;
                mixed.get((from + i) * spec.mixedWidth() + spec.valueColumn(head), change, at, valueSize);
                float strength = strengths[i];
                float decay = (float) Math.exp(sums[i]);
                for (int d = 0; d < valueSize; d++) {
                    change[at + d] = strength * (change[at + d] - decay * readValues[at + d]);
                }
                for (int j = 0; j < i; j++) {
                    float factor = strength * scores[i * BLOCK + j] * (float) Math.exp(sums[i] - sums[j]);
                    add(change, at, -factor, change, j * valueSize, valueSize);
                }
            }
            Arrays.fill(change, count * valueSize, BLOCK * valueSize, 0);
        }

        /** Weighs what a query reads of the changes up to its position. */
        private void weigh() {
            for (int i = 0; i < BLOCK; i++) {
                int at = (BLOCK + i) * BLOCK;
                for (int j = 0; j <= i; j++) {
                    scores[at + j] *= (float) Math.exp(sums[i] - sums[j]);
                }
                Arrays.fill(scores, at + i + 1, at + BLOCK, 0);
            }
            HostFloats.of(weights).put(0, scores, BLOCK * BLOCK, BLOCK * BLOCK);
        }

        /** Takes the state over the block. */
        private void advance() {
            double last = sums[BLOCK - 1];
            for (int i = 0; i < BLOCK; i++) {
                float factor = (float) Math.exp(last - sums[i]);
                for (int d = i * keySize; d < (i + 1) * keySize; d++) {
                    vectorValues[d] *= factor;
                }
            }
            HostFloats.of(decayedKeys).put(0, vectorValues, BLOCK * keySize);
            float decay = (float) Math.exp(last);
            float[] values = chunks.take(keySize * valueSize);
            HostFloats.of(state).get(0, values, keySize * valueSize);
            for (int i = 0; i < keySize * valueSize; i++) {
                values[i] *= decay;
            }
            HostFloats.of(state).put(0, values, keySize * valueSize);
            chunks.give(values);
            product.addTransposed(decayedKeys, changes, state);
        }

        private void write(int from, int count, HostFloats out) {
            HostFloats.of(within).get(0, change, BLOCK * valueSize);
            for (int i = 0; i < count; i++) {
                int at = i * valueSize;
                add(change, at, (float) Math.exp(sums[i]), readValues, BLOCK * valueSize + at, valueSize);
                out.put((from + i) * spec.valueWidth() + head * valueSize, change, at, valueSize);
            }
        }

        void release() {
            List.of(vectors, decayedKeys, byKeys, read, weights, changes, within)
                    .forEach(pool::give);
            List.of(vectorValues, scores, readValues, change).forEach(chunks::give);
        }
    }

    private static void add(float[] sum, int at, float factor, float[] x, int atX, int length) {
        for (int i = 0; i < length; i++) {
            sum[at + i] += factor * x[atX + i];
        }
    }
}
