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
    private final AttentionTiles tiles;
    private final RowChunks chunks;
    private final MatrixProduct product;
    private final ArrayPool pool;

    AttentionDerivative(AttentionSpec spec, RowChunks chunks, MatrixProduct product, ArrayPool pool) {
        this.spec = spec;
        this.tiles = new AttentionTiles(spec, new AttentionWeights(spec), chunks, pool);
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
        List<Tile> all = tiles.of(text, keyHead);
        INDArray keySums = zeros(all.get(all.size() - 1).keyTo());
        INDArray valueSums = zeros(all.get(all.size() - 1).keyTo());
        for (Tile tile : all) {
            compute(inputs, outputs, tile, keySums, valueSums);
        }
        tiles.copyKeys(keySums, outputs.keys(), all.get(0));
        tiles.copyKeys(valueSums, outputs.values(), all.get(0));
        pool.give(keySums);
        pool.give(valueSums);
    }

    private INDArray zeros(int rows) {
        int size = rows * spec.headSize();
        float[] values = chunks.take(size);
        Arrays.fill(values, 0, size, 0);
        INDArray zeros = pool.take(rows, spec.headSize());
        HostFloats.of(zeros).put(0, values, size);
        chunks.give(values);
        return zeros;
    }

    private void compute(Inputs inputs, Outputs outputs, Tile tile, INDArray keySums, INDArray valueSums) {
        INDArray queries = tiles.queries(inputs.queries(), tile);
        INDArray keys = tiles.keys(inputs.keys(), tile);
        INDArray values = tiles.keys(inputs.values(), tile);
        INDArray gradient = tiles.queries(inputs.gradient(), tile);
        INDArray weighted = tiles.queries(inputs.weighted(), tile);
        INDArray shares = pool.take(tiles.rows(), tile.keys());
        INDArray scores = pool.take(tiles.rows(), tile.keys());
        product.multiply(queries, keys, false, shares);
        float[] slopes = capSlopes(shares, tile);
        tiles.weigh(shares, tile);
        product.addTransposed(shares, gradient, HostFloats.rows(valueSums, tile.keyFrom(), tile.keyTo()));
        product.multiply(gradient, values, false, scores);
        backwardThroughSoftmax(shares, gradient, weighted, scores, slopes);
        product.addTransposed(scores, queries, HostFloats.rows(keySums, tile.keyFrom(), tile.keyTo()));
        // The weighted values are not needed any more, and the queries' gradients have their shape.
        product.multiply(scores, keys, true, weighted);
        tiles.copyQueries(weighted, outputs.queries(), tile);
        List.of(queries, keys, values, gradient, weighted, shares, scores).forEach(pool::give);
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
            float mean = (float) Sums.ofProducts(out, outGradient, 0, size);
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
}
