package org.laco.benchmarks;

import com.google.common.io.MoreFiles;
import com.google.common.io.RecursiveDeleteOption;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.TimeUnit;
import org.laco.io.array.WrittenTensor;
import org.laco.io.safetensors.SafetensorsWriter;
import org.laco.io.safetensors.ShardLayout;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** A shard of 361 MB, written from another one that is in the system's cache. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@Warmup(iterations = 2)
@Measurement(iterations = 7)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
public class WriteBenchmark {
    private TemporaryShard shard;
    private Path target;

    /**
     * Writes what is copied.
     *
     * @throws IOException if that fails
     */
    @Setup
    public void write() throws IOException {
        shard = TemporaryShard.of(4, "4096x11008");
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
     * Makes an empty directory.
     *
     * @throws IOException if that fails
     */
    @Setup(Level.Invocation)
    public void begin() throws IOException {
        target = Files.createDirectory(shard.beside("written"));
    }

    /**
     * Deletes what was written.
     *
     * @throws IOException if that fails
     */
    @TearDown(Level.Invocation)
    public void delete() throws IOException {
        MoreFiles.deleteRecursively(target, RecursiveDeleteOption.ALLOW_INSECURE);
    }

    /**
     * Writes the tensors, hashes them and forces them to disk.
     *
     * @throws IOException if that fails
     */
    @Benchmark
    public void writeShard() throws IOException {
        SafetensorsWriter.write(
                ShardLayout.of(WrittenTensor.allOf(shard.tensors()), Long.MAX_VALUE, ShardLayout.DEFAULT_METADATA),
                target);
    }

    /**
     * Copies the file, and forces it to disk.
     *
     * @throws IOException if that fails
     */
    @Benchmark
    public void copyAndForce() throws IOException {
        try (FileChannel channel = FileChannel.open(copyFile(), StandardOpenOption.WRITE)) {
            channel.force(true);
        }
    }

    /**
     * Copies the file, which leaves it in the system's cache.
     *
     * @return the copy
     * @throws IOException if that fails
     */
    @Benchmark
    public Path copyFile() throws IOException {
        return Files.copy(shard.path(), target.resolve("copy"));
    }
}
