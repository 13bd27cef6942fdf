package org.laco.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.laco.io.array.SafetensorsArrays;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class TensorsInFilesTest {
    @TempDir
    Path directory;

    @Test
    void keepsTheDigitsOfALong() throws IOException {
        assertThat(TensorsInFiles.writeAndRead(directory.resolve("state.safetensors")))
                .isEqualTo(9_007_199_254_740_993L);
    }

    @Test
    void readsABlockOfAMatrix() throws IOException {
        Path file = directory.resolve("matrix.safetensors");
        SafetensorsArrays.write(
                Map.of("weight", Nd4j.arange(200 * 64).castTo(DataType.INT).reshape(200, 64)), file);

        INDArray block = TensorsInFiles.readAPart(file);

        assertThat(block.dataType()).isEqualTo(DataType.INT);
        assertThat(block.getInt(0, 0)).isEqualTo(100 * 64 + 40);
        assertThat(block.getInt(15, 7)).isEqualTo(115 * 64 + 47);
    }

    @Test
    void readsAllArraysFromBytesAndStreams() throws IOException {
        assertThat(TensorsInFiles.throughBytes(Map.of("a", Nd4j.zeros(2), "b", Nd4j.zeros(3))))
                .isEqualTo(4);
    }
}
