package org.laco.model.block;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.laco.tensor.SequenceLayout;

/** Every block as its definition says, in float64 and without a thought for speed. */
final class NaiveBlocks {
    private final NaiveWeights weights;
    private final SequenceLayout sequences;

    NaiveBlocks(NaiveWeights weights, SequenceLayout sequences) {
        this.weights = weights;
        this.sequences = sequences;
    }

    double[] vector(String name) {
        return weights.values(name);
    }

    double[][] apply(Block block, double[][] x) {
        if (block instanceof Linear linear) {
            return linear(linear, x);
        }
        if (block instanceof RmsNorm norm) {
            return rmsNorm(x, norm.width(), norm.epsilon(), norm.offset(), weights.values(norm.name() + ".weight"));
        }
        if (block instanceof Clip clip) {
            return Naive.map(x, value -> Math.max(-clip.limit(), Math.min(value, clip.limit())));
        }
        if (block instanceof UnitNorm norm) {
            return rmsNorm(x, norm.width(), norm.epsilon(), 1, new double[norm.width()]);
        }
        if (block instanceof ScaledNorm norm) {
            return Naive.map(
                    rmsNorm(x, norm.width(), norm.epsilon(), 0, weights.values(norm.name())), v -> v * norm.factor());
        }
        if (block instanceof ColumnFactors factors) {
            return columnFactors(factors, x);
        }
        if (block instanceof Scalar scalar) {
            return Naive.map(x, v -> v * weights.values(scalar.name())[0]);
        }
        if (block instanceof Sequence sequence) {
            return chain(sequence.blocks(), x);
        }
        if (block instanceof LayerNorm norm) {
            return layerNorm(norm, x);
        }
        if (block instanceof FeedForward forward) {
            return linear(forward.down(), Naive.map(linear(forward.up(), x), Naive.of(forward.activation())));
        }
        if (block instanceof GatedFeedForward forward) {
            double[][] gate = Naive.map(linear(forward.gate(), x), v -> forward.factor() * v);
            double[][] inner = Naive.combine(
                    Naive.map(gate, Naive.of(forward.activation())), linear(forward.up(), x), (a, b) -> a * b);
            return linear(
                    forward.down(),
                    forward.norm().map(norm -> apply(norm, inner)).orElse(inner));
        }
        if (block instanceof FusedGatedFeedForward forward) {
            double[][] both = linear(forward.gateUp(), x);
            int width = forward.down().in();
            double[][] inner = Naive.map(Naive.columns(both, 0, width), Naive.of(forward.activation()));
            return linear(forward.down(), Naive.combine(inner, Naive.columns(both, width, width), (a, b) -> a * b));
        }
        if (block instanceof Attention attention) {
            return chain(attention.outputs(), new NaiveAttention(attention, this, sequences).weighted(x));
        }
        if (block instanceof IndexedAttention indexed) {
            return apply(indexed.attention(), x);
        }
        if (block instanceof Identity) {
            return x;
        }
        if (block instanceof Shortcut shortcut) {
            double[][] sum = apply(shortcut.side(), x);
            double[][] current = x;
            for (Block step : shortcut.steps()) {
                double[][] added = apply(step, current);
                sum = Naive.combine(sum, added, Double::sum);
                current = Naive.combine(current, added, Double::sum);
            }
            return sum;
        }
        if (block instanceof Softplus) {
            return Naive.map(x, v -> Math.log1p(Math.exp(v)));
        }
        if (block instanceof SoftCap cap) {
            return Naive.map(x, v -> cap.cap() * Math.tanh(v / cap.cap()));
        }
        if (block instanceof RepeatedColumns repeated) {
            double[][] out = new double[x.length][x[0].length * repeated.times()];
            for (int row = 0; row < x.length; row++) {
                for (int i = 0; i < out[row].length; i++) {
                    out[row][i] = x[row][i / repeated.times()];
                }
            }
            return out;
        }
        if (block instanceof JoinedColumns joined) {
            return Naive.join(joined.maps().stream().map(map -> linear(map, x)).toList());
        }
        NaiveMixers mixers = new NaiveMixers(this, weights, sequences);
        if (block instanceof CausalConvolution convolution) {
            return mixers.convolution(convolution, x);
        }
        if (block instanceof JoinedConvolutions joined) {
            List<double[][]> parts = new ArrayList<>();
            int from = 0;
            for (CausalConvolution part : joined.parts()) {
                parts.add(mixers.convolution(part, Naive.columns(x, from, part.channels())));
                from += part.channels();
            }
            return Naive.join(parts);
        }
        if (block instanceof ShortConvolution convolution) {
            return mixers.shortConvolution(convolution, x);
        }
        if (block instanceof GroupNorm norm) {
            return mixers.groupNorm(norm, x);
        }
        if (block instanceof Scaled scaled) {
            return Naive.map(apply(scaled.block(), x), v -> scaled.factor() * v);
        }
        if (block instanceof XieluFeedForward forward) {
            double[] a = weights.values(forward.prefix() + "alpha_p");
            double[] b = weights.values(forward.prefix() + "alpha_n");
            double beta = weights.values(forward.prefix() + "beta")[0];
            double epsilon = weights.values(forward.prefix() + "eps")[0];
            double[][] inner = Naive.map(
                    linear(forward.up(), x),
                    v -> v > 0
                            ? Math.log1p(Math.exp(a[0])) * v * v + beta * v
                            : (beta + Math.log1p(Math.exp(b[0]))) * (Math.expm1(Math.min(v, epsilon)) - v) + beta * v);
            return linear(forward.down(), inner);
        }
        if (block instanceof HeadMaps heads) {
            return mixers.headMaps(heads.maps(), x);
        }
        if (block instanceof GriffinRecurrence recurrence) {
            return mixers.griffin(recurrence, x);
        }
        if (block instanceof Mamba mamba) {
            return mixers.mamba(mamba, x);
        }
        if (block instanceof Mamba2 mamba) {
            return mixers.mamba(mamba, x);
        }
        if (block instanceof GatedDeltaNet net) {
            return mixers.deltaNet(net, x);
        }
        if (block instanceof Experts experts) {
            return experts(experts, x);
        }
        if (block instanceof SharedExpert shared) {
            return shared(shared, x);
        }
        if (block instanceof Parallel parallel) {
            return sum(parallel.blocks().stream().map(each -> apply(each, x)).toList());
        }
        if (block instanceof Residual residual) {
            double[][] added = sum(
                    residual.branches().stream().map(branch -> chain(branch, x)).toList());
            double[][] sum = Naive.combine(x, added, (a, b) -> a + residual.scale() * b);
            return residual.after().map(last -> apply(last, sum)).orElse(sum);
        }
        if (block instanceof Layer layer) {
            return chain(layer.steps(), x);
        }
        throw new AssertionError("no reference of a " + block.getClass().getSimpleName());
    }

    private static double[][] columnFactors(ColumnFactors block, double[][] x) {
        double[][] out = new double[x.length][x[0].length];
        for (int row = 0; row < x.length; row++) {
            int from = 0;
            for (int group = 0; group < block.widths().size(); group++) {
                int to = from + block.widths().get(group);
                for (int i = from; i < to; i++) {
                    out[row][i] = block.factors().get(group) * x[row][i];
                }
                from = to;
            }
        }
        return out;
    }

    double[][] chain(List<? extends Block> blocks, double[][] x) {
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

    private static double[][] rmsNorm(double[][] x, int width, double epsilon, double offset, double[] w) {
        double[][] out = new double[x.length][x[0].length];
        for (int row = 0; row < x.length; row++) {
            for (int group = 0; group < x[0].length; group += width) {
                double squares = 0;
                for (int i = 0; i < width; i++) {
                    squares += x[row][group + i] * x[row][group + i];
                }
                double length = Math.sqrt(squares / width + epsilon);
                for (int i = 0; i < width; i++) {
                    out[row][group + i] = x[row][group + i] / length * (w[i] + offset);
                }
            }
        }
        return out;
    }

    private double[][] layerNorm(LayerNorm norm, double[][] x) {
        int width = norm.width();
        double[][] out = new double[x.length][x[0].length];
        for (int row = 0; row < x.length; row++) {
            for (int part = 0; part < x[0].length; part += width) {
                double mean = 0;
                for (int i = 0; i < width; i++) {
                    mean += x[row][part + i] / width;
                }
                double variance = 0;
                for (int i = 0; i < width; i++) {
                    variance += (x[row][part + i] - mean) * (x[row][part + i] - mean) / width;
                }
                for (int i = 0; i < width; i++) {
                    double unit = (x[row][part + i] - mean) / Math.sqrt(variance + norm.epsilon());
                    out[row][part + i] =
                            unit * (norm.scaled() ? weights.values(norm.name() + ".weight")[i] + norm.offset() : 1)
                                    + (norm.shifted() ? weights.values(norm.name() + ".bias")[i] : 0);
                }
            }
        }
        return out;
    }

    private double[][] experts(Experts experts, double[][] x) {
        double[][] scores = apply(experts.router(), x);
        double[][] out = new double[x.length][];
        for (int row = 0; row < x.length; row++) {
            double[] factors = factors(experts.choice(), scores[row]);
            double[][] sum = new double[1][x[row].length];
            for (int number = 0; number < factors.length; number++) {
                double factor = factors[number];
                if (factor != 0) {
                    double[][] input = {x[row]};
                    sum = experts.scalesInput()
                            ? Naive.combine(
                                    sum, expert(experts, number, Naive.map(input, v -> v * factor)), Double::sum)
                            : Naive.combine(sum, expert(experts, number, input), (a, b) -> a + factor * b);
                }
            }
            out[row] = sum[0];
        }
        return out;
    }

    private double[] factors(ExpertChoice choice, double[] scores) {
        if (choice instanceof ScaledChoice scaled) {
            double[] factors = factors(scaled.choice(), scores);
            Arrays.setAll(factors, i -> factors[i] * weights.values(scaled.scale())[i]);
            return factors;
        }
        if (choice instanceof SparseMixer mixer) {
            return factors(mixer, scores);
        }
        return factors((TopExperts) choice, scores);
    }

    /** Of two experts, one after the other, their shares of those near them. */
    private static double[] factors(SparseMixer mixer, double[] scores) {
        double[] factors = new double[scores.length];
        double[] left = scores.clone();
        for (int turn = 0; turn < 2; turn++) {
            int expert = Naive.largest(left, 1)[0];
            double largest = left[expert];
            double sum = Arrays.stream(left)
                    .filter(s -> s > Double.NEGATIVE_INFINITY)
                    .filter(s -> (largest - s) / Math.max(Math.abs(s), largest) <= 2 * mixer.jitter())
                    .map(Math::exp)
                    .sum();
            factors[expert] = Math.exp(largest) / sum;
            left[expert] = Double.NEGATIVE_INFINITY;
        }
        return factors;
    }

    private double[] factors(TopExperts choice, double[] scores) {
        double[] shares = choice.sigmoid()
                ? Arrays.stream(scores).map(v -> 1 / (1 + Math.exp(-v))).toArray()
                : Naive.softmax(scores);
        double[] preferences = shares.clone();
        choice.correction()
                .ifPresent(added -> Arrays.setAll(preferences, i -> shares[i] + weights.values(added.tensor())[i]));
        choice.groups().ifPresent(groups -> {
            int size = shares.length / groups.count();
            double[] ofGroups = IntStream.range(0, groups.count())
                    .mapToDouble(group -> {
                        double[] within = Arrays.copyOfRange(preferences, group * size, (group + 1) * size);
                        return Arrays.stream(Naive.largest(within, groups.best()))
                                .mapToDouble(i -> within[i])
                                .sum();
                    })
                    .toArray();
            int[] kept = Naive.largest(ofGroups, groups.kept());
            Arrays.setAll(
                    preferences,
                    i -> Arrays.stream(kept).anyMatch(group -> group == i / size)
                            ? preferences[i]
                            : Double.NEGATIVE_INFINITY);
        });
        int[] chosen = Naive.largest(preferences, choice.chosen());
        double total = choice.sum()
                .map(sum -> Math.max(
                        Arrays.stream(chosen).mapToDouble(i -> shares[i]).sum() + sum.added(), sum.least()))
                .orElse(1.0);
        double[] factors = new double[scores.length];
        Arrays.stream(chosen).forEach(i -> factors[i] = shares[i] / total * choice.scale());
        return factors;
    }

    private double[][] expert(Experts experts, int number, double[][] x) {
        return expert(experts.experts(), number, x);
    }

    private double[][] expert(ExpertSet experts, int number, double[][] x) {
        if (experts instanceof NormedExperts normed) {
            return expert(normed.experts(), number, apply(normed.norm(), x));
        }
        return experts instanceof StackedExperts stacked
                ? stacked(stacked, number, x)
                : apply(experts.expert(number), x);
    }

    private double[][] stacked(StackedExperts experts, int number, double[][] x) {
        double[][] both = stacked(experts.gateUp(), number, x);
        int width = both[0].length / 2;
        boolean inTurns = experts.layout() == StackLayout.INTERLEAVED_COLUMNS;
        double[][] out = new double[x.length][width];
        for (int row = 0; row < x.length; row++) {
            for (int i = 0; i < width; i++) {
                double gate = both[row][inTurns ? 2 * i : i];
                double up = both[row][inTurns ? 2 * i + 1 : width + i];
                out[row][i] = join(experts.gate(), gate, up);
            }
        }
        return stacked(experts.down(), number, out);
    }

    private static double join(Gate how, double gate, double up) {
        if (how instanceof ClampedGate clamped) {
            double open = Math.min(gate, clamped.limit());
            double within = Math.max(-clamped.limit(), Math.min(up, clamped.limit()));
            return (within + 1) * open / (1 + Math.exp(-clamped.alpha() * open));
        }
        return gate / (1 + Math.exp(-gate)) * up;
    }

    private double[][] stacked(StackedMap map, int number, double[][] x) {
        double[] w = weights.values(map.name());
        double[][] out = new double[x.length][map.out()];
        for (int row = 0; row < x.length; row++) {
            for (int i = 0; i < map.out(); i++) {
                double sum = map.bias().isEmpty() ? 0 : weights.values(map.bias())[number * map.out() + i];
                for (int j = 0; j < map.in(); j++) {
                    int within = map.inputFirst() ? j * map.out() + i : i * map.in() + j;
                    sum += x[row][j] * w[number * map.in() * map.out() + within];
                }
                out[row][i] = sum;
            }
        }
        return out;
    }

    private double[][] shared(SharedExpert shared, double[][] x) {
        double[][] scores = linear(shared.gate(), x);
        double[][] out = apply(shared.expert(), x);
        for (int row = 0; row < x.length; row++) {
            double share = 1 / (1 + Math.exp(-scores[row][0]));
            out[row] = Arrays.stream(out[row]).map(v -> v * share).toArray();
        }
        return out;
    }
}
