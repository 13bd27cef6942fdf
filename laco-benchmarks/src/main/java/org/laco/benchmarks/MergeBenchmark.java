package org.laco.benchmarks;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.util.concurrent.TimeUnit;
import org.laco.merge.MergeRules;
import org.laco.plan.CollapsePlan;
import org.laco.stack.PlannedTensors;
import org.laco.tensor.StoredTensor;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** The paper's rule on one bfloat16 weight of four layers, read from a mapped file. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class MergeBenchmark {
    private static final int LAYERS = 4;

    /** The weight's shape: SmolLM2-135M's and Llama-2-7B's map out of the inner width. */
    @Param({"576x1536", "4096x11008"})
    public String shape;

    private TemporaryShard shard;
    private StoredTensor merged;
    private INDArray destination;

    /**
     * Writes the weights.
     *
     * @throws IOException if that fails
     */
    @Setup
    public void write() throws IOException {
        shard = TemporaryShard.of(LAYERS, shape);
        CollapsePlan plan = CollapsePlan.identity(LAYERS).merge(0, LAYERS - 1, MergeRules.rdsc());
        merged = PlannedTensors.of(new Weights(shard.tensors()), plan.layers().get(0))
                .get(Weights.NAME)
                .tensor();
        destination = Nd4j.createUninitialized(DataType.FLOAT, merged.shape(), 'c');
    }

    /**
     * Deletes them.
     *
     * @throws IOException if that fails
     */
    @TearDown
    public void close() throws IOException {
        shard.close();
    }

    /**
     * Merges into a float32 array of rounded values, as a search does.
     *
     * @return the array
     */
    @Benchmark
    public INDArray mergeToMeasure() {
        merged.copyTo(destination);
        return destination;
    }

    /**
     * Merges in blocks into bfloat16 bytes that go nowhere, as a writer does.
     *
     * @throws IOException never
     */
    @Benchmark
    public void mergeToWrite() throws IOException {
        merged.writeTo(Channels.newChannel(OutputStream.nullOutputStream()));
    }
}
