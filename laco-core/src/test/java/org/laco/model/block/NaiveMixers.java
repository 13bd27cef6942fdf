package org.laco.model.block;

import org.laco.kernel.DeltaRuleSpec;
import org.laco.kernel.StateSpaceSpec;
import org.laco.tensor.SequenceLayout;

/** What mixes positions by recurrences and convolutions, as its definition says: one sequence, one head, one position after another. */
final class NaiveMixers {
    private final NaiveBlocks blocks;
    private final NaiveWeights weights;
    private final SequenceLayout sequences;

    NaiveMixers(NaiveBlocks blocks, NaiveWeights weights, SequenceLayout sequences) {
        this.blocks = blocks;
        this.weights = weights;
        this.sequences = sequences;
    }

    double[][] convolution(CausalConvolution convolution, double[][] x) {
        double[] kernel = weights.values(convolution.name() + ".weight");
        int width = convolution.width();
        double[][] out = new double[x.length][convolution.channels()];
        for (int i = 0; i < sequences.count(); i++) {
            int start = sequences.start(i);
            for (int row = start; row < start + sequences.length(i); row++) {
                for (int channel = 0; channel < convolution.channels(); channel++) {
                    double sum = convolution.biased() ? weights.values(convolution.name() + ".bias")[channel] : 0;
                    for (int before = 0; before < width && row - before >= start; before++) {
                        sum += kernel[channel * width + width - 1 - before] * x[row - before][channel];
                    }
                    out[row][channel] = sum;
                }
            }
        }
        return out;
    }

    double[][] shortConvolution(ShortConvolution block, double[][] x) {
        int width = block.convolution().channels();
        double[][] all = blocks.linear(block.input(), x);
        double[][] gated =
                Naive.combine(Naive.columns(all, 0, width), Naive.columns(all, 2 * width, width), (a, b) -> a * b);
        double[][] convolved = convolution(block.convolution(), gated);
        return blocks.linear(
                block.output(), Naive.combine(convolved, Naive.columns(all, width, width), (a, b) -> a * b));
    }

    double[][] groupNorm(GroupNorm norm, double[][] x) {
        double[] w = weights.values(norm.name() + ".weight");
        int size = norm.width() / norm.groups();
        double[][] out = new double[x.length][norm.width()];
        for (int row = 0; row < x.length; row++) {
            for (int i = 0; i < norm.width(); i++) {
                double squares = 0;
                for (int j = i / size * size; j < i / size * size + size; j++) {
                    squares += x[row][j] * x[row][j];
                }
                out[row][i] = x[row][i] / Math.sqrt(squares / size + norm.epsilon()) * w[i];
            }
        }
        return out;
    }

    double[][] mamba(Mamba2 block, double[][] x) {
        StateSpaceSpec spec = block.spec();
        double[][] all = blocks.apply(block.input(), x);
        double[][] convolved = convolution(block.convolution(), Naive.columns(all, spec.width(), spec.mixedWidth()));
        double[][] mixed = Naive.map(convolved, Naive.of(block.activation()));
        double[][] steps = Naive.columns(all, spec.width() + spec.mixedWidth(), spec.heads());
        double[][] read = new double[x.length][spec.width()];
        for (int i = 0; i < sequences.count(); i++) {
            for (int head = 0; head < spec.heads(); head++) {
                scan(block, head, sequences.start(i), sequences.length(i), mixed, steps, read);
            }
        }
        double[][] gate = Naive.map(Naive.columns(all, 0, spec.width()), NaiveMixers::silu);
        double[][] inner = block.normedFirst() ? normed(block, read) : read;
        double[][] gated = Naive.combine(gate, inner, (a, b) -> a * b);
        return blocks.linear(block.output(), block.normedFirst() ? gated : normed(block, gated));
    }

    private double[][] normed(Mamba2 block, double[][] x) {
        return block.norm().map(norm -> groupNorm(norm, x)).orElse(x);
    }

    double[][] mamba(Mamba block, double[][] x) {
        int channels = block.convolution().channels();
        double[][] both = blocks.linear(block.input(), x);
        double[][] convolved = convolution(block.convolution(), Naive.columns(both, 0, channels));
        double[][] mixed = Naive.map(convolved, Naive.of(block.activation()));
        double[][] parameters = blocks.linear(block.parameters(), mixed);
        int rank = block.steps().in();
        int states = (block.parameters().out() - rank) / 2;
        double[][] low = Naive.columns(parameters, 0, rank);
        double[][] writes = Naive.columns(parameters, rank, states);
        double[][] reads = Naive.columns(parameters, rank + states, states);
        if (block.norms().isPresent()) {
            low = blocks.apply(block.norms().get().steps(), low);
            writes = blocks.apply(block.norms().get().writes(), writes);
            reads = blocks.apply(block.norms().get().reads(), reads);
        }
        double[][] steps = Naive.map(blocks.linear(block.steps(), low), v -> Math.log(1 + Math.exp(v)));
        double[][] read = scan(block.name(), mixed, steps, writes, reads);
        double[][] gate = Naive.map(Naive.columns(both, channels, channels), NaiveMixers::silu);
        return blocks.linear(block.output(), Naive.combine(gate, read, (a, b) -> a * b));
    }

    private double[][] scan(String name, double[][] x, double[][] steps, double[][] writes, double[][] reads) {
        int states = writes[0].length;
        double[] rates = weights.values(name + ".A_log");
        double[] skips = weights.values(name + ".D");
        double[][] read = new double[x.length][x[0].length];
        for (int i = 0; i < sequences.count(); i++) {
            double[][] state = new double[x[0].length][states];
            for (int row = sequences.start(i); row < sequences.start(i) + sequences.length(i); row++) {
                for (int channel = 0; channel < x[0].length; channel++) {
                    read[row][channel] = skips[channel] * x[row][channel];
                    for (int n = 0; n < states; n++) {
                        double decay = Math.exp(-Math.exp(rates[channel * states + n]) * steps[row][channel]);
                        state[channel][n] =
                                decay * state[channel][n] + steps[row][channel] * writes[row][n] * x[row][channel];
                        read[row][channel] += reads[row][n] * state[channel][n];
                    }
                }
            }
        }
        return read;
    }

    private void scan(
            Mamba2 block, int head, int start, int length, double[][] mixed, double[][] steps, double[][] read) {
        StateSpaceSpec spec = block.spec();
        int group = head / (spec.heads() / spec.groups());
        int writes = spec.width() + group * spec.stateSize();
        int reads = writes + spec.groups() * spec.stateSize();
        double rate = Math.exp(weights.values(block.name() + ".A_log")[head]);
        double bias = weights.values(block.name() + ".dt_bias")[head];
        double skip = weights.values(block.name() + ".D")[head];
        double[][] state = new double[spec.headSize()][spec.stateSize()];
        for (int row = start; row < start + length; row++) {
            double step = Math.log(1 + Math.exp(steps[row][head] + bias));
            step = Math.min(Math.max(step, spec.shortest()), spec.longest());
            for (int i = 0; i < spec.headSize(); i++) {
                int at = head * spec.headSize() + i;
                read[row][at] = skip * mixed[row][at];
                for (int j = 0; j < spec.stateSize(); j++) {
                    state[i][j] = Math.exp(-rate * step) * state[i][j] + step * mixed[row][at] * mixed[row][writes + j];
                    read[row][at] += state[i][j] * mixed[row][reads + j];
                }
            }
        }
    }

    double[][] headMaps(StackedMap maps, double[][] x) {
        double[] w = weights.values(maps.name());
        double[] b = weights.values(maps.bias());
        int size = maps.in();
        double[][] out = new double[x.length][x[0].length];
        for (int row = 0; row < x.length; row++) {
            for (int i = 0; i < out[row].length; i++) {
                int head = i / size;
                double sum = b[i];
                for (int j = 0; j < size; j++) {
                    sum += x[row][head * size + j] * w[(head * size + j) * size + i % size];
                }
                out[row][i] = sum;
            }
        }
        return out;
    }

    double[][] griffin(GriffinRecurrence block, double[][] x) {
        double[][] mixed = convolution(block.convolution(), blocks.linear(block.input(), x));
        double[][] inputGates = Naive.map(headMaps(block.inputGates().maps(), mixed), NaiveMixers::sigmoid);
        double[][] decayGates = Naive.map(headMaps(block.decayGates().maps(), mixed), NaiveMixers::sigmoid);
        double[] rates = weights.values(block.rates());
        double[][] states = new double[x.length][rates.length];
        for (int i = 0; i < sequences.count(); i++) {
            int start = sequences.start(i);
            for (int row = start; row < start + sequences.length(i); row++) {
                for (int channel = 0; channel < rates.length; channel++) {
                    double input = inputGates[row][channel] * mixed[row][channel];
                    double decay = Math.exp(-8 * Math.log(1 + Math.exp(rates[channel])) * decayGates[row][channel]);
                    states[row][channel] = row == start
                            ? input
                            : decay * states[row - 1][channel] + Math.sqrt(1 - decay * decay) * input;
                }
            }
        }
        double[][] gate = Naive.map(blocks.linear(block.gate(), x), Naive.of(block.activation()));
        return blocks.linear(block.output(), Naive.combine(gate, states, (a, b) -> a * b));
    }

    private static double sigmoid(double x) {
        return 1 / (1 + Math.exp(-x));
    }

    double[][] deltaNet(GatedDeltaNet block, double[][] x) {
        DeltaRuleSpec spec = block.spec();
        double[][][] parts = project(block, x);
        double[][] mixed = Naive.map(blocks.apply(block.convolution(), parts[0]), Naive.of(block.activation()));
        double[][] read = new double[x.length][spec.valueWidth()];
        for (int i = 0; i < sequences.count(); i++) {
            for (int head = 0; head < spec.valueHeads(); head++) {
                rule(block, head, sequences.start(i), sequences.length(i), mixed, parts, read);
            }
        }
        double[][] gate = Naive.map(parts[1], NaiveMixers::silu);
        return blocks.linear(block.output(), Naive.combine(blocks.apply(block.norm(), read), gate, (a, b) -> a * b));
    }

    /** Queries, keys and values together, gates, strengths, decays. */
    private double[][][] project(GatedDeltaNet block, double[][] x) {
        if (block.projection() instanceof SeparateDeltaProjection separate) {
            return new double[][][] {
                blocks.apply(separate.mixed(), x),
                blocks.linear(separate.gate(), x),
                blocks.linear(separate.strength(), x),
                blocks.linear(separate.decay(), x)
            };
        }
        FusedDeltaProjection fused = (FusedDeltaProjection) block.projection();
        DeltaRuleSpec spec = block.spec();
        double[][] all = blocks.linear(fused.all(), x);
        double[][] rates = blocks.linear(fused.rates(), x);
        int keys = spec.keySize();
        int values = spec.valueWidth() / spec.keyHeads();
        int heads = spec.valueHeads() / spec.keyHeads();
        double[][] mixed = new double[x.length][spec.mixedWidth()];
        double[][] gate = new double[x.length][spec.valueWidth()];
        double[][] strengths = new double[x.length][spec.valueHeads()];
        double[][] decays = new double[x.length][spec.valueHeads()];
        for (int row = 0; row < x.length; row++) {
            for (int head = 0; head < spec.keyHeads(); head++) {
                int from = head * 2 * (keys + values);
                System.arraycopy(all[row], from, mixed[row], head * keys, keys);
                System.arraycopy(all[row], from + keys, mixed[row], spec.keyWidth() + head * keys, keys);
                System.arraycopy(all[row], from + 2 * keys, mixed[row], 2 * spec.keyWidth() + head * values, values);
                System.arraycopy(all[row], from + 2 * keys + values, gate[row], head * values, values);
                System.arraycopy(rates[row], head * 2 * heads, strengths[row], head * heads, heads);
                System.arraycopy(rates[row], head * 2 * heads + heads, decays[row], head * heads, heads);
            }
        }
        return new double[][][] {mixed, gate, strengths, decays};
    }

    private void rule(
            GatedDeltaNet block,
            int head,
            int start,
            int length,
            double[][] mixed,
            double[][][] parts,
            double[][] read) {
        DeltaRuleSpec spec = block.spec();
        int key = head / (spec.valueHeads() / spec.keyHeads()) * spec.keySize();
        double rate = Math.exp(weights.values(block.name() + ".A_log")[head]);
        double bias = weights.values(block.name() + ".dt_bias")[head];
        double[][] state = new double[spec.keySize()][spec.valueSize()];
        for (int row = start; row < start + length; row++) {
            double[] q = unit(mixed[row], key, spec.keySize());
            double[] k = unit(mixed[row], spec.keyWidth() + key, spec.keySize());
            double strength = spec.strongest() / (1 + Math.exp(-parts[2][row][head]));
            double decay = Math.exp(-rate * Math.log(1 + Math.exp(parts[3][row][head] + bias)));
            for (int j = 0; j < spec.valueSize(); j++) {
                double held = 0;
                for (int i = 0; i < k.length; i++) {
                    state[i][j] *= decay;
                    held += state[i][j] * k[i];
                }
                double value = mixed[row][2 * spec.keyWidth() + head * spec.valueSize() + j];
                for (int i = 0; i < k.length; i++) {
                    state[i][j] += k[i] * strength * (value - held);
                    read[row][head * spec.valueSize() + j] += state[i][j] * q[i] / Math.sqrt(q.length);
                }
            }
        }
    }

    private static double[] unit(double[] row, int from, int size) {
        double squares = 1e-6;
        for (int i = from; i < from + size; i++) {
            squares += row[i] * row[i];
        }
        double[] unit = new double[size];
        for (int i = 0; i < size; i++) {
            unit[i] = row[from + i] / Math.sqrt(squares);
        }
        return unit;
    }

    private static double silu(double x) {
        return x / (1 + Math.exp(-x));
    }
}
