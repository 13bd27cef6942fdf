package org.laco.benchmarks;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.TimeUnit;
import org.laco.io.array.FileTensor;
import org.laco.io.array.FileTensors;
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

/** Four bfloat16 matrices of a shard that is in the system's cache. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
public class ReadBenchmark {
    /** The shape of each matrix. */
    @Param({"576x1536", "4096x11008"})
    public String shape;

    private TemporaryShard shard;
    private INDArray floats;
    private INDArray stored;
    private ByteBuffer bytes;

    /**
     * Writes the shard.
     *
     * @throws IOException if that fails
     */
    @Setup
    public void write() throws IOException {
        shard = TemporaryShard.of(4, shape);
        long[] sizes = shard.tensors().get(0).shape();
        floats = Nd4j.createUninitialized(DataType.FLOAT, sizes, 'c');
        stored = Nd4j.createUninitialized(DataType.BFLOAT16, sizes, 'c');
        bytes = ByteBuffer.allocateDirect(Math.toIntExact(shard.tensors().get(0).byteLength()));
    }

    /**
     * Deletes it.
     *
     * @throws IOException if that fails
     */
    @TearDown
    public void close() throws IOException {
        shard.close();
    }

    /**
     * Converts each matrix to float32, as a layer's weights are read.
     *
     * @return the last one
     */
    @Benchmark
    public INDArray convertToFloat() {
        shard.tensors().forEach(tensor -> tensor.copyTo(floats));
        return floats;
    }

    /**
     * Opens the file and reads each matrix as it is stored.
     *
     * @return the last one
     * @throws IOException if that fails
     */
    @Benchmark
    public INDArray openAndReadAsStored() throws IOException {
        try (FileTensors file = FileTensors.open(shard.path())) {
            for (FileTensor tensor : file.tensors()) {
                tensor.copyTo(stored);
            }
        }
        return stored;
    }

    /**
     * Reads the same bytes by a channel, which is what there is to compare with.
     *
     * @return the last part
     * @throws IOException if that fails
     */
    @Benchmark
    public ByteBuffer channel() throws IOException {
        try (FileChannel channel = FileChannel.open(shard.path(), StandardOpenOption.READ)) {
            while (channel.read(bytes.clear()) > 0) {
                // The buffer holds a quarter of the file.
            }
        }
        return bytes;
    }
}
