package org.laco.model.block;

import java.util.List;
import org.laco.tensor.SequenceLayout;

/** Every block as its definition says, in float64 and without a thought for speed. */
final class NaiveBlocks {
    private final NaiveWeights weights;
    private final SequenceLayout sequences;

    NaiveBlocks(NaiveWeights weights, SequenceLayout sequences) {
        this.weights = weights;
        this.sequences = sequences;
    }

    double[][] apply(Block block, double[][] x) {
        if (block instanceof Linear linear) {
            return linear(linear, x);
        }
        if (block instanceof RmsNorm norm) {
            return rmsNorm(norm, x);
        }
        if (block instanceof LayerNorm norm) {
            return layerNorm(norm, x);
        }
        if (block instanceof FeedForward forward) {
            return linear(forward.down(), Naive.map(linear(forward.up(), x), Naive.of(forward.activation())));
        }
        if (block instanceof GatedFeedForward forward) {
            double[][] inner = Naive.map(linear(forward.gate(), x), Naive.of(forward.activation()));
            return linear(forward.down(), Naive.combine(inner, linear(forward.up(), x), (a, b) -> a * b));
        }
        if (block instanceof FusedGatedFeedForward forward) {
            double[][] both = linear(forward.gateUp(), x);
            int width = forward.down().in();
            double[][] inner = Naive.map(Naive.columns(both, 0, width), Naive.of(forward.activation()));
            return linear(forward.down(), Naive.combine(inner, Naive.columns(both, width, width), (a, b) -> a * b));
        }
        if (block instanceof Attention attention) {
            return linear(attention.output(), new NaiveAttention(attention, this, sequences).weighted(x));
        }
        if (block instanceof Experts experts) {
            return experts(experts, x);
        }
        if (block instanceof Parallel parallel) {
            return sum(parallel.blocks().stream().map(each -> apply(each, x)).toList());
        }
        if (block instanceof Residual residual) {
            double[][] added = sum(
                    residual.branches().stream().map(branch -> chain(branch, x)).toList());
            return Naive.combine(x, added, (a, b) -> a + residual.scale() * b);
        }
        if (block instanceof Layer layer) {
            return chain(layer.steps(), x);
        }
        throw new AssertionError("no reference of a " + block.getClass().getSimpleName());
    }

    private double[][] chain(List<? extends Block> blocks, double[][] x) {
        double[][] hidden = x;
        for (Block block : blocks) {
            hidden = apply(block, hidden);
        }
        return hidden;
    }

    private static double[][] sum(List<double[][]> outputs) {
        return outputs.stream()
                .reduce((a, b) -> Naive.combine(a, b, Double::sum))
                .orElseThrow();
    }

    double[][] linear(Linear map, double[][] x) {
        double[] w = weights.values(map.name() + ".weight");
        double[][] out = new double[x.length][map.out()];
        for (int row = 0; row < x.length; row++) {
            for (int i = 0; i < map.out(); i++) {
                double sum = map.biased() ? weights.values(map.name() + ".bias")[i] : 0;
                for (int j = 0; j < map.in(); j++) {
                    sum += x[row][j] * w[map.inputFirst() ? j * map.out() + i : i * map.in() + j];
                }
                out[row][i] = sum;
            }
        }
        return out;
    }

    private double[][] rmsNorm(RmsNorm norm, double[][] x) {
        double[] w = weights.values(norm.name() + ".weight");
        double[][] out = new double[x.length][x[0].length];
        for (int row = 0; row < x.length; row++) {
            for (int group = 0; group < x[0].length; group += norm.width()) {
                double squares = 0;
                for (int i = 0; i < norm.width(); i++) {
                    squares += x[row][group + i] * x[row][group + i];
                }
                double length = Math.sqrt(squares / norm.width() + norm.epsilon());
                for (int i = 0; i < norm.width(); i++) {
                    out[row][group + i] = x[row][group + i] / length * (w[i] + norm.offset());
                }
            }
        }
        return out;
    }

    private double[][] layerNorm(LayerNorm norm, double[][] x) {
        int width = norm.width();
        double[][] out = new double[x.length][width];
        for (int row = 0; row < x.length; row++) {
            double mean = 0;
            for (double value : x[row]) {
                mean += value / width;
            }
            double variance = 0;
            for (double value : x[row]) {
                variance += (value - mean) * (value - mean) / width;
            }
            for (int i = 0; i < width; i++) {
                double unit = (x[row][i] - mean) / Math.sqrt(variance + norm.epsilon());
                out[row][i] = unit * (norm.scaled() ? weights.values(norm.name() + ".weight")[i] : 1)
                        + (norm.shifted() ? weights.values(norm.name() + ".bias")[i] : 0);
            }
        }
        return out;
    }

    private double[][] experts(Experts experts, double[][] x) {
        double[][] scores = linear(experts.router(), x);
        double[][] out = new double[x.length][];
        for (int row = 0; row < x.length; row++) {
            double[] shares = Naive.softmax(scores[row]);
            int[] chosen = Naive.largest(shares, experts.chosen());
            double total = 0;
            for (int expert : chosen) {
                total += shares[expert];
            }
            double[][] sum = new double[1][x[row].length];
            for (int expert : chosen) {
                double factor = experts.renormalised() ? shares[expert] / total : shares[expert];
                double[][] output = apply(experts.experts().get(expert), new double[][] {x[row]});
                sum = Naive.combine(sum, output, (a, b) -> a + factor * b);
            }
            out[row] = sum[0];
        }
        return out;
    }
}
