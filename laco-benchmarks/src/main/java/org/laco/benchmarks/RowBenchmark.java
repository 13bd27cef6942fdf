package org.laco.benchmarks;

import com.google.common.collect.ImmutableList;
import java.util.concurrent.TimeUnit;
import org.laco.kernel.Activation;
import org.laco.kernel.Kernels;
import org.laco.measure.FlattenedCosine;
import org.laco.tensor.SequenceLayout;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** What is computed row by row, on 73 rows. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class RowBenchmark {
    private static final int ROWS = 73;

    /** Who computes; the cosine is the same loop in all of them. */
    @Param({"ONEDNN", "ND4J"})
    public Arithmetic arithmetic;

    /** Hidden and inner width: SmolLM2-135M's and Llama-2-7B's. */
    @Param({"576x1536", "4096x11008"})
    public String widths;

    private final SequenceLayout sequences = Matrices.sequences(ROWS, 5);
    private Kernels kernels;
    private INDArray hidden;
    private INDArray other;
    private INDArray weight;
    private INDArray inner;
    private INDArray gated;

    /** Makes the rows. */
    @Setup
    public void make() {
        int[] sizes = Matrices.numbers(widths);
        kernels = Arithmetic.of(arithmetic);
        hidden = Matrices.random(ROWS, sizes[0]);
        other = Matrices.random(ROWS, sizes[0]);
        weight = Matrices.random(sizes[0]);
        inner = Nd4j.rand(DataType.FLOAT, ROWS, sizes[1]).muli(-2);
        gated = Transforms.exp(inner.neg()).addi(1);
    }

    /**
     * Normalises by the root mean square.
     *
     * @return the result's place, which is used again
     */
    @Benchmark
    public INDArray rmsNorm() {
        INDArray out = kernels.rmsNorm(hidden, weight, 1e-5, 0);
        kernels.release(out);
        return out;
    }

    /**
     * Applies SiLU and multiplies, in place. The factors are such that the product is the input again: x · sigmoid(x) · (1 + exp(−x)).
     *
     * @return the product
     */
    @Benchmark
    public INDArray siluGate() {
        kernels.gate(Activation.SILU, inner, gated);
        return inner;
    }

    /**
     * Compares with other rows.
     *
     * @return the cosine of each sequence
     */
    @Benchmark
    public ImmutableList<Double> cosine() {
        return new FlattenedCosine().perSequence(hidden, other, sequences);
    }
}
