package org.laco.io.array;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.laco.io.safetensors.Dtype;
import org.laco.io.safetensors.SafetensorsWriter;
import org.laco.io.safetensors.Tensor;
import org.laco.io.safetensors.TestFiles;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class BlockCopyTest {
    /** A mapping that cuts nothing. */
    private static final int MAX_MAPPING = Integer.MAX_VALUE - 7;

    @TempDir
    Path directory;

    /** Elements that count from 0, behind some bytes that make them misaligned, in mappings of few bytes. */
    private FileTensors counting(int skipped, int maxMapping, long... shape) throws IOException {
        int length = 1;
        for (long dimension : shape) {
            length *= (int) dimension;
        }
        ByteBuffer bytes = ByteBuffer.allocate(2 * length).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < length; i++) {
            bytes.putShort((short) i);
        }
        Path file = directory.resolve("a.safetensors");
        SafetensorsWriter.writeFile(
                file,
                List.of(
                        Tensor.of(new byte[skipped], skipped).named("skipped"),
                        Tensor.of(Dtype.I16, shape, bytes.clear()).named("a")),
                Map.of());
        return FileTensors.of(TestFiles.open(file, maxMapping));
    }

    @Test
    void readsSomeColumnsOfSomeRows() throws IOException {
        try (FileTensors file = counting(0, MAX_MAPPING, 4, 5);
                INDArray block = Nd4j.zeros(DataType.FLOAT, 2, 3);
                INDArray stored = Nd4j.zeros(DataType.SHORT, 3, 1)) {
            file.tensor("a").copySlice(block, 1, 2);
            file.tensor("a").copySlice(stored, 1, 4);

            assertThat(block.data().asFloat()).containsExactly(7, 8, 9, 12, 13, 14);
            assertThat(stored.data().asInt()).containsExactly(9, 14, 19);
        }
    }

    @Test
    void readsBlocksOfMoreDimensions() throws IOException {
        try (FileTensors file = counting(1, MAX_MAPPING, 2, 3, 4);
                INDArray block = Nd4j.zeros(DataType.FLOAT, 2, 2, 2);
                INDArray whole = Nd4j.zeros(DataType.FLOAT, 1, 2, 4)) {
            file.tensor("a").copySlice(block, 0, 1, 2);
            file.tensor("a").copySlice(whole, 1, 1, 0);

            assertThat(block.data().asFloat()).containsExactly(6, 7, 10, 11, 18, 19, 22, 23);
            assertThat(whole.data().asFloat()).containsExactly(16, 17, 18, 19, 20, 21, 22, 23);
        }
    }

    @RepeatedTest(value = 60, failureThreshold = 1)
    void readsTheElementsWhoseIndicesLieInTheBlock(RepetitionInfo repetition) throws IOException {
        SplittableRandom random = new SplittableRandom(repetition.getCurrentRepetition());
        int rank = random.nextInt(1, 5);
        long[] shape = random.longs(rank, 1, 6).toArray();
        long[] first = new long[rank];
        long[] size = new long[rank];
        for (int i = 0; i < rank; i++) {
            first[i] = random.nextLong(shape[i]);
            size[i] = random.nextLong(1, shape[i] - first[i] + 1);
        }
        int maxMapping = random.nextBoolean() ? 24 : MAX_MAPPING;
        try (FileTensors file = counting(random.nextInt(4), maxMapping, shape);
                INDArray block = Nd4j.zeros(DataType.DOUBLE, size)) {
            file.tensor("a").copySlice(block, first);

            for (long i = 0; i < block.length(); i++) {
                long expected = 0;
                long rest = i;
                long stride = 1;
                for (int k = rank - 1; k >= 0; k--) {
                    expected += (first[k] + rest % size[k]) * stride;
                    rest /= size[k];
                    stride *= shape[k];
                }
                assertThat(block.data().getDouble(i)).isEqualTo(expected);
            }
        }
    }

    @Test
    void readsMoreThanIsGatheredAtOnce() throws IOException {
        // 3 x 2^23 columns of two bytes: three runs of 2^24 bytes, half a buffer each.
        long columns = 1L << 23;
        byte[] bytes = new byte[(int) (3 * (columns + 1) * 2)];
        ByteBuffer values = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        for (int row = 0; row < 3; row++) {
            values.putShort((int) (row * (columns + 1) * 2), (short) (10 + row));
            values.putShort((int) ((row + 1) * (columns + 1) * 2 - 4), (short) (20 + row));
        }
        Path path = directory.resolve("wide.safetensors");
        SafetensorsWriter.writeFile(
                path,
                List.of(Tensor.of(Dtype.I16, new long[] {3, columns + 1}, ByteBuffer.wrap(bytes))
                        .named("a")),
                Map.of());
        try (FileTensors file = FileTensors.open(path);
                INDArray block = Nd4j.createUninitialized(DataType.SHORT, 3, columns)) {
            file.tensor("a").copySlice(block, 0, 0);

            for (int row = 0; row < 3; row++) {
                assertThat(block.getInt(row, 0)).isEqualTo(10 + row);
                assertThat(block.getInt(row, (int) columns - 1)).isEqualTo(20 + row);
                assertThat(block.getInt(row, 1)).isZero();
            }
        }
    }

    @Test
    void readsScalarsAndNothing() throws IOException {
        try (FileTensors file = counting(1, MAX_MAPPING);
                INDArray scalar = Nd4j.createUninitialized(DataType.FLOAT, new long[0])) {
            file.tensor("a").copySlice(scalar);
            assertThat(scalar.getFloat(0)).isZero();
            file.tensor("skipped").copySlice(Nd4j.create(DataType.FLOAT, 0), 1);
        }
    }

    @Test
    void refusesBlocksThatTheTensorLacks() throws IOException {
        try (FileTensors file = counting(0, MAX_MAPPING, 4, 5);
                INDArray block = Nd4j.zeros(DataType.FLOAT, 2, 3)) {
            FileTensor tensor = file.tensor("a");
            for (long[] first : new long[][] {{3, 0}, {0, 3}, {-1, 0}, {0, -1}, {Long.MAX_VALUE, 0}, {0}, {0, 0, 0}}) {
                assertThatThrownBy(() -> tensor.copySlice(block, first))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageStartingWith(
                                file.mapped().path() + ": tensor 'a' of dtype I16 and shape [4, 5] has no block from [")
                        .hasMessageEndingWith("] of shape [2, 3]");
            }
            assertThatThrownBy(() ->
                            tensor.copySlice(Nd4j.zeros(DataType.FLOAT, 3, 2).transpose(), 0, 0))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageEndingWith(" cannot be read into an array that isn't dense in 'c' order");
        }
    }
}
