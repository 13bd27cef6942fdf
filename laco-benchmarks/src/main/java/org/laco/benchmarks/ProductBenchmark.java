package org.laco.benchmarks;

import java.util.concurrent.TimeUnit;
import org.laco.kernel.Kernels;
import org.laco.kernel.SingleThreaded;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** A linear map in all threads, as a model computes it: one candidate of 37 or 73 rows, and four of 73. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class ProductBenchmark {
    /** Who multiplies. */
    @Param({"ONEDNN", "BLAS"})
    public Arithmetic arithmetic;

    /** The number of rows. */
    @Param({"37", "73", "292"})
    public int rows;

    /** Output and input of the map: SmolLM2-135M's queries and gate, Llama-2-7B's queries and gate. */
    @Param({"576x576", "1536x576", "4096x4096", "11008x4096"})
    public String map;

    private Kernels kernels;
    private INDArray x;
    private INDArray weight;

    /** Makes the matrices. */
    @Setup
    public void make() {
        int[] sizes = Matrices.numbers(map);
        kernels = Arithmetic.of(arithmetic);
        x = Matrices.random(rows, sizes[1]);
        weight = Matrices.random(sizes[0], sizes[1]);
    }

    /**
     * Multiplies.
     *
     * @return the product's place, which is used again
     */
    @Benchmark
    public INDArray linear() {
        return SingleThreaded.call(() -> {
            INDArray product = kernels.linear(x, weight, null);
            kernels.release(product);
            return product;
        });
    }
}
