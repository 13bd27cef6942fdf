package org.laco.benchmarks;

import com.google.common.collect.ImmutableList;
import com.google.common.io.MoreFiles;
import com.google.common.io.RecursiveDeleteOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.laco.io.array.FileTensor;
import org.laco.io.array.FileTensors;
import org.laco.io.array.WrittenTensor;
import org.laco.io.safetensors.SafetensorsWriter;
import org.laco.io.safetensors.ShardLayout;
import org.laco.tensor.ArrayTensor;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A file of random bfloat16 matrices in a directory of its own, which is in the system's cache since it was just written. */
final class TemporaryShard implements AutoCloseable {
    private final Path directory;
    private final FileTensors file;

    private TemporaryShard(Path directory, FileTensors file) {
        this.directory = directory;
        this.file = file;
    }

    /** Writes matrices of a shape such as {@code 4096x11008}. */
    static TemporaryShard of(int matrices, String shape) throws IOException {
        int[] sizes = Matrices.numbers(shape);
        Path directory = Files.createTempDirectory("laco-benchmark");
        try (INDArray values = Matrices.random(sizes[0], sizes[1]);
                INDArray rounded = values.castTo(DataType.BFLOAT16)) {
            List<WrittenTensor> tensors = IntStream.range(0, matrices)
                    .mapToObj(i -> WrittenTensor.of(ArrayTensor.of("weight." + i, rounded)))
                    .toList();
            ShardLayout layout = ShardLayout.of(tensors, Long.MAX_VALUE, ShardLayout.DEFAULT_METADATA);
            Path written = directory.resolve(layout.fileNames().get(0));
            SafetensorsWriter.write(layout, directory);
            return new TemporaryShard(directory, FileTensors.open(written));
        }
    }

    Path path() {
        return file.mapped().path();
    }

    /** Names a file that does not exist yet, on the same disk. */
    Path beside(String name) {
        return directory.resolve(name);
    }

    ImmutableList<FileTensor> tensors() {
        return file.tensors();
    }

    @Override
    public void close() throws IOException {
        file.close();
        MoreFiles.deleteRecursively(directory, RecursiveDeleteOption.ALLOW_INSECURE);
    }
}
