package org.laco.benchmarks;

import com.google.common.collect.ImmutableList;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import org.laco.kernel.AttentionSpec;
import org.laco.kernel.Kernels;
import org.laco.tensor.SequenceLayout;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** Attention of five short sequences or of a long one, without the maps around it. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class AttentionBenchmark {
    /** Who computes. */
    @Param({"ONEDNN", "ND4J"})
    public Arithmetic arithmetic;

    /** Rows and the number of sequences that they are divided into. */
    @Param({"73x5", "48x1", "128x1", "512x1"})
    public String sequences;

    /** Heads, key heads and their width: SmolLM2-135M's and Llama-2-7B's. */
    @Param({"9x3x64", "32x32x128"})
    public String heads;

    private Kernels kernels;
    private AttentionSpec spec;
    private SequenceLayout layout;
    private INDArray queries;
    private INDArray keys;
    private INDArray values;

    /** Makes queries, keys and values. */
    @Setup
    public void make() {
        int[] rows = Matrices.numbers(sequences);
        int[] sizes = Matrices.numbers(heads);
        kernels = Arithmetic.of(arithmetic);
        spec = new AttentionSpec(
                sizes[0],
                sizes[1],
                sizes[2],
                1 / Math.sqrt(sizes[2]),
                OptionalDouble.empty(),
                OptionalInt.empty(),
                ImmutableList.of());
        layout = Matrices.sequences(rows[0], rows[1]);
        queries = Matrices.random(rows[0], sizes[0] * sizes[2]);
        keys = Matrices.random(rows[0], sizes[1] * sizes[2]);
        values = Matrices.random(rows[0], sizes[1] * sizes[2]);
    }

    /**
     * Computes it.
     *
     * @return the result's place, which is used again
     */
    @Benchmark
    public INDArray attention() {
        INDArray out = kernels.attention(queries, keys, values, spec, layout);
        kernels.release(out);
        return out;
    }
}
