package org.laco.kernel;

import java.util.Arrays;
import java.util.List;
import org.laco.kernel.AttentionTiles.Tile;
import org.laco.tensor.ArrayPool;
import org.laco.tensor.HostFloats;
import org.laco.tensor.SequenceLayout;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The derivative of causal attention by matrix products, five for each {@linkplain AttentionTiles tile}.
 *
 * <p>With weights P = softmax(S) and output O = P·V: dV = Pᵀ·dO, dP = dO·Vᵀ, dS = P ⊙ (dP − rowsum(dO ⊙ O)), dQ = dS·K, dK = dSᵀ·Q, and dS
 * times the derivative of what made S of the products. P is computed again and not kept (Dao et al., arXiv 2205.14135, section 3.1).
 *
 * <p>The tiles of one sequence and key head are computed one after another, since all add to the same keys and values.
 */
final class AttentionDerivative {
    private final AttentionSpec spec;
    private final AttentionWeights weights;
    private final AttentionTiles tiles;
    private final RowChunks chunks;
    private final MatrixProduct product;
    private final ArrayPool pool;

    AttentionDerivative(AttentionSpec spec, RowChunks chunks, MatrixProduct product, ArrayPool pool) {
        this.spec = spec;
        this.weights = new AttentionWeights(spec);
        this.tiles = new AttentionTiles(spec, weights, chunks, pool);
        this.chunks = chunks;
        this.product = product;
        this.pool = pool;
    }

    /** What the derivative reads: attention's inputs and output, and the gradient of the output. */
    record Inputs(HostFloats queries, HostFloats keys, HostFloats values, HostFloats weighted, HostFloats gradient) {}

    /** What the derivative writes. */
    record Outputs(HostFloats queries, HostFloats keys, HostFloats values) {}

    void compute(Inputs inputs, Outputs outputs, SequenceLayout sequences) {
        List<AttendedText> texts = AttendedText.of(sequences);
        if (texts.stream().anyMatch(AttendedText::branches)) {
            throw new UnsupportedOperationException(
                    "no gradient is passed back through sequences that continue others");
        }
        int heads = spec.keyValueHeads();
        chunks.each(texts.size() * heads, task -> compute(inputs, outputs, texts.get(task / heads), task % heads));
    }

    private void compute(Inputs inputs, Outputs outputs, AttendedText text, int keyHead) {
        int size = text.length() * spec.headSize();
        float[] keySums = chunks.take(size);
        float[] valueSums = chunks.take(size);
        Arrays.fill(keySums, 0, size, 0);
        Arrays.fill(valueSums, 0, size, 0);
        for (Tile tile : tiles.of(text, keyHead)) {
            compute(inputs, outputs, tile, keySums, valueSums);
        }
        for (int row = 0; row < text.length(); row++) {
            int at = (text.start() + row) * spec.keyWidth() + keyHead * spec.headSize();
            outputs.keys().put(at, keySums, row * spec.headSize(), spec.headSize());
            outputs.values().put(at, valueSums, row * spec.headSize(), spec.headSize());
        }
        chunks.give(keySums);
        chunks.give(valueSums);
    }

    private void compute(Inputs inputs, Outputs outputs, Tile tile, float[] keySums, float[] valueSums) {
        INDArray queries = tiles.queries(inputs.queries(), tile);
        INDArray keys = tiles.keys(inputs.keys(), tile);
        INDArray values = tiles.keys(inputs.values(), tile);
        INDArray gradient = tiles.queries(inputs.gradient(), tile);
        INDArray weighted = tiles.queries(inputs.weighted(), tile);
        INDArray shares = pool.take(tiles.rows(), tile.keys());
        INDArray scores = pool.take(tiles.rows(), tile.keys());
        INDArray transposed = pool.take(tile.keys(), tiles.rows());
        INDArray sums = pool.take(tile.keys(), spec.headSize());
        product.multiply(queries, keys, false, shares);
        float[] slopes = capSlopes(shares, tile);
        tiles.weigh(shares, tile);
        zeroUnusedRows(shares, tile);
        addTransposed(shares, gradient, transposed, sums, valueSums, tile);
        product.multiply(gradient, values, false, scores);
        backwardThroughSoftmax(shares, gradient, weighted, scores, slopes);
        addTransposed(scores, queries, transposed, sums, keySums, tile);
        // The weighted values are not needed any more, and the queries' gradients have their shape.
        product.multiply(scores, keys, true, weighted);
        tiles.copyQueries(weighted, outputs.queries(), tile);
        List.of(queries, keys, values, gradient, weighted, shares, scores, transposed, sums)
                .forEach(pool::give);
    }

    /** Returns the derivative of the soft cap at each product, 1 − tanh²; null without one. */
    private float[] capSlopes(INDArray products, Tile tile) {
        if (spec.softCap().isEmpty()) {
            return null;
        }
        float[] slopes = new float[tiles.rows() * tile.keys()];
        HostFloats.of(products).get(0, slopes, slopes.length);
        double factor = spec.scale() / spec.softCap().getAsDouble();
        for (int i = 0; i < slopes.length; i++) {
            double capped = Exponential.tanh(slopes[i] * factor);
            slopes[i] = (float) (1 - capped * capped);
        }
        return slopes;
    }

    /** Rows beyond a tile's queries were not weighed. */
    private void zeroUnusedRows(INDArray shares, Tile tile) {
        int used = tile.to() - tile.from();
        int each = tiles.rows() / spec.group();
        if (used == each) {
            return;
        }
        float[] zeros = new float[(each - used) * tile.keys()];
        for (int head = 0; head < spec.group(); head++) {
            HostFloats.of(shares).put((head * each + used) * tile.keys(), zeros, zeros.length);
        }
    }

    /** Adds {@code aᵀ · b} to the rows of the keys that a tile has. */
    private void addTransposed(INDArray a, INDArray b, INDArray transposed, INDArray product, float[] rows, Tile tile) {
        Transpose.of(HostFloats.of(a), tiles.rows(), tile.keys(), HostFloats.of(transposed), chunks);
        this.product.multiply(transposed, b, true, product);
        int count = (Math.min(tile.text().length(), tile.keyTo()) - tile.keyFrom()) * spec.headSize();
        float[] added = chunks.take(count);
        HostFloats.of(product).get(0, added, count);
        int at = tile.keyFrom() * spec.headSize();
        for (int i = 0; i < count; i++) {
            rows[at + i] += added[i];
        }
        chunks.give(added);
    }

    /** Replaces the gradients of the weights by those of the products that the weights were made of. */
    private void backwardThroughSoftmax(
            INDArray shares, INDArray gradient, INDArray weighted, INDArray scores, float[] slopes) {
        int keys = (int) shares.size(1);
        int size = spec.headSize();
        float[] p = chunks.take(keys);
        float[] ds = chunks.take(keys);
        float[] out = chunks.take(size);
        float[] outGradient = chunks.take(size);
        HostFloats allShares = HostFloats.of(shares);
        HostFloats allScores = HostFloats.of(scores);
        HostFloats allWeighted = HostFloats.of(weighted);
        HostFloats allGradients = HostFloats.of(gradient);
        float scale = (float) spec.scale();
        for (int row = 0; row < tiles.rows(); row++) {
            allShares.get(row * keys, p, keys);
            allScores.get(row * keys, ds, keys);
            allWeighted.get(row * size, out, size);
            allGradients.get(row * size, outGradient, size);
            float mean = dot(out, outGradient, size);
            for (int key = 0; key < keys; key++) {
                ds[key] = p[key] * (ds[key] - mean) * scale;
            }
            if (slopes != null) {
                for (int key = 0; key < keys; key++) {
                    ds[key] *= slopes[row * keys + key];
                }
            }
            allScores.put(row * keys, ds, keys);
        }
        List.of(p, ds, out, outGradient).forEach(chunks::give);
    }

    private static float dot(float[] a, float[] b, int length) {
        double sum = 0;
        for (int i = 0; i < length; i++) {
            sum += a[i] * b[i];
        }
        return (float) sum;
    }
}
