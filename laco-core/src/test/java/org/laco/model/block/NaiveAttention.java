package org.laco.model.block;

import java.util.Arrays;
import org.laco.kernel.AttentionSpec;
import org.laco.kernel.RotaryTable;
import org.laco.tensor.SequenceLayout;

/** Attention as its definition says: one query, one head, one key after another. */
final class NaiveAttention {
    private final Attention attention;
    private final AttentionSpec spec;
    private final NaiveBlocks blocks;
    private final SequenceLayout sequences;

    NaiveAttention(Attention attention, NaiveBlocks blocks, SequenceLayout sequences) {
        this.attention = attention;
        this.spec = attention.spec();
        this.blocks = blocks;
        this.sequences = sequences;
    }

    /** What enters the output's map. */
    double[][] weighted(double[][] x) {
        double[][][] parts = project(attention.projection(), x);
        double[][] queries = grown(prepare(attention.queryNorm().orElse(null), parts[0]));
        double[][] keys = prepare(attention.keyNorm().orElse(null), parts[1]);
        double[][] out = new double[x.length][spec.heads() * spec.headSize()];
        for (int i = 0; i < sequences.count(); i++) {
            for (int row = 0; row < sequences.length(i); row++) {
                for (int head = 0; head < spec.heads(); head++) {
                    attend(queries, keys, parts[2], sequences.start(i), sequences.start(i) + row, head, out);
                }
            }
        }
        if (attention.valueSize() < spec.headSize()) {
            return narrow(out);
        }
        return parts.length == 4
                ? Naive.combine(out, Naive.map(parts[3], Naive.of(attention.gateActivation())), (a, gate) -> a * gate)
                : out;
    }

    /** The values of each head alone. */
    private double[][] narrow(double[][] wide) {
        double[][] narrow = new double[wide.length][spec.heads() * attention.valueSize()];
        for (int row = 0; row < wide.length; row++) {
            for (int head = 0; head < spec.heads(); head++) {
                System.arraycopy(
                        wide[row],
                        head * spec.headSize(),
                        narrow[row],
                        head * attention.valueSize(),
                        attention.valueSize());
            }
        }
        return narrow;
    }

    /** Queries, keys, values, and gates where there are some. */
    private double[][][] project(Projection projection, double[][] x) {
        if (projection instanceof NormedProjection normed) {
            double[][][] parts = project(normed.projection(), x);
            return new double[][][] {
                blocks.apply(normed.query(), parts[0]),
                blocks.apply(normed.key(), parts[1]),
                blocks.apply(normed.value(), parts[2])
            };
        }
        if (projection instanceof KeysAsValues same) {
            double[][] keys = blocks.linear(same.key(), x);
            return new double[][][] {blocks.linear(same.query(), x), keys, keys};
        }
        if (projection instanceof SeparateProjection separate) {
            return new double[][][] {
                blocks.linear(separate.query(), x), blocks.linear(separate.key(), x), blocks.linear(separate.value(), x)
            };
        }
        if (projection instanceof FusedProjection fused) {
            double[][] all = blocks.linear(fused.map(), x);
            int query = fused.queryWidth();
            int key = fused.keyWidth();
            return new double[][][] {
                part(all, fused, 0, query), part(all, fused, query, key), part(all, fused, query + key, key)
            };
        }
        if (projection instanceof ValuesBeforeKeys exchanged) {
            double[][][] stored = project(exchanged.stored(), x);
            return new double[][][] {stored[0], stored[2], stored[1]};
        }
        if (projection instanceof GatedProjection gated) {
            double[][] both = blocks.linear(gated.queryGate(), x);
            return new double[][][] {
                half(both, 0), blocks.linear(gated.key(), x), blocks.linear(gated.value(), x), half(both, 1)
            };
        }
        if (projection instanceof OutputGateProjection gated) {
            double[][][] projected = project(gated.projection(), x);
            return new double[][][] {projected[0], projected[1], projected[2], blocks.apply(gated.gate(), x)};
        }
        if (projection instanceof LatentProjection latent) {
            return latent(latent, x);
        }
        throw new AssertionError("no reference of a " + projection.getClass().getSimpleName());
    }

    /** Each head has its rotated elements first, where they are rotated here, and its values before zeros. */
    private double[][][] latent(LatentProjection projection, double[][] x) {
        LatentHeads sizes = projection.sizes();
        int plain = sizes.plain();
        int rotated = sizes.rotated();
        int latent = projection.up().in();
        double[][] stored = blocks.chain(projection.query(), x);
        double[][] down = blocks.linear(projection.down(), x);
        double[][] up = blocks.linear(projection.up(), blocks.apply(projection.norm(), Naive.columns(down, 0, latent)));
        double[][][] parts = new double[3][x.length][sizes.heads() * spec.headSize()];
        for (int row = 0; row < x.length; row++) {
            for (int head = 0; head < sizes.heads(); head++) {
                int to = head * spec.headSize();
                int query = head * (plain + rotated);
                int key = head * (plain + sizes.values());
                System.arraycopy(stored[row], query + plain, parts[0][row], to, rotated);
                System.arraycopy(stored[row], query, parts[0][row], to + rotated, plain);
                System.arraycopy(down[row], latent, parts[1][row], to, rotated);
                System.arraycopy(up[row], key, parts[1][row], to + rotated, plain);
                System.arraycopy(up[row], key + plain, parts[2][row], to, sizes.values());
            }
        }
        return parts;
    }

    /** Queries of all heads, or their gates. */
    private double[][] half(double[][] both, int which) {
        int size = spec.headSize();
        double[][] out = new double[both.length][spec.heads() * size];
        for (int row = 0; row < both.length; row++) {
            for (int head = 0; head < spec.heads(); head++) {
                System.arraycopy(both[row], (2 * head + which) * size, out[row], head * size, size);
            }
        }
        return out;
    }

    private static double[][] part(double[][] all, FusedProjection fused, int from, int count) {
        int width = fused.queryWidth() + 2 * fused.keyWidth();
        double[][] out = new double[all.length][fused.groups() * count];
        for (int row = 0; row < all.length; row++) {
            for (int group = 0; group < fused.groups(); group++) {
                System.arraycopy(all[row], group * width + from, out[row], group * count, count);
            }
        }
        return out;
    }

    private double[][] prepare(Block norm, double[][] x) {
        return attention.normedRotated() ? norm(norm, rotated(x)) : rotated(norm(norm, x));
    }

    private double[][] norm(Block norm, double[][] x) {
        return norm == null ? x : blocks.apply(norm, x);
    }

    /** Scales the query at position p by 1 + rate · ln(1 + ⌊(p + offset) / period⌋). */
    private double[][] grown(double[][] x) {
        if (attention.growth().isEmpty()) {
            return x;
        }
        QueryGrowth growth = attention.growth().get();
        double[][] out = new double[x.length][];
        for (int i = 0; i < sequences.count(); i++) {
            for (int position = 0; position < sequences.length(i); position++) {
                int row = sequences.start(i) + position;
                double factor = 1
                        + growth.rate()
                                * Math.log(1 + Math.floor((double) (position + growth.offset()) / growth.period()));
                out[row] = Arrays.stream(x[row]).map(value -> value * factor).toArray();
            }
        }
        return out;
    }

    private double[][] rotated(double[][] normed) {
        if (attention.rotary().isEmpty()) {
            return normed;
        }
        double[][] x = normed;
        RotaryTable table = attention.rotary().get().table(sequences);
        double[][] out = new double[x.length][];
        for (int row = 0; row < x.length; row++) {
            out[row] = normed[row].clone();
            for (int head = 0; head < out[row].length; head += spec.headSize()) {
                for (int pair = 0; pair < table.pairs(); pair++) {
                    int first = head + (table.interleaved() ? 2 * pair : pair);
                    int second = head + (table.interleaved() ? 2 * pair + 1 : pair + table.pairs());
                    double cosine = table.cosines()[row * table.pairs() + pair];
                    double sine = table.sines()[row * table.pairs() + pair];
                    out[row][first] = normed[row][first] * cosine - normed[row][second] * sine;
                    out[row][second] = normed[row][second] * cosine + normed[row][first] * sine;
                }
            }
        }
        return out;
    }

    private void attend(
            double[][] queries, double[][] keys, double[][] values, int start, int row, int head, double[][] out) {
        int size = spec.headSize();
        int shared = head / spec.group() * size;
        int chunk = attention.chunk().orElse(Integer.MAX_VALUE);
        int chunkStart = start + (row - start) / chunk * chunk;
        int first = Math.max(chunkStart, row - spec.window().orElse(Integer.MAX_VALUE) + 1);
        double[] scores = new double[row - first + 1];
        for (int key = first; key <= row; key++) {
            double product = 0;
            for (int d = 0; d < size; d++) {
                product += queries[row][head * size + d] * keys[key][shared + d];
            }
            double score = product * spec.scale();
            if (spec.softCap().isPresent()) {
                double cap = spec.softCap().getAsDouble();
                score = cap * Math.tanh(score / cap);
            }
            scores[key - first] =
                    score + (spec.slopes().isEmpty() ? 0 : spec.slopes().get(head) * (key - row));
        }
        if (attention.sinks().isPresent()) {
            scores = Arrays.copyOf(scores, scores.length + 1);
            scores[scores.length - 1] = blocks.vector(attention.sinks().get())[head];
        }
        double[] shares = Naive.softmax(scores);
        for (int key = first; key <= row; key++) {
            for (int d = 0; d < size; d++) {
                out[row][head * size + d] += shares[key - first] * values[key][shared + d];
            }
        }
    }
}
