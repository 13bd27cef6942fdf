package org.laco.io.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MappedTensorTest {
    @TempDir
    Path directory;

    /** Elements that count from 0, behind some bytes that make them misaligned, in mappings of few bytes. */
    private SafetensorsFile counting(int skipped, int maxMapping, long... shape) throws IOException {
        int length = 1;
        for (long dimension : shape) {
            length *= (int) dimension;
        }
        short[] values = new short[length];
        for (int i = 0; i < length; i++) {
            values[i] = (short) i;
        }
        Path file = directory.resolve("a.safetensors");
        SafetensorsWriter.writeFile(
                file,
                List.of(
                        Tensor.of(new byte[skipped], skipped).named("skipped"),
                        Tensor.of(values, shape).named("a")),
                Map.of());
        return SafetensorsFile.open(file, maxMapping);
    }

    private static long[] longs(long... values) {
        return values;
    }

    @Test
    void copiesSomeColumnsOfSomeRows() throws IOException {
        try (SafetensorsFile file = counting(1, FileMapper.MAX_MAPPING, 4, 5)) {
            Tensor block = file.tensor("a").slice(longs(1, 2), longs(2, 3));

            assertThat(block.shape()).containsExactly(2, 3);
            assertThat(block.dtype()).isEqualTo(Dtype.I16);
            assertThat(block.toLongs()).containsExactly(7, 8, 9, 12, 13, 14);
            assertThat(block.bytes().isDirect()).isTrue();
        }
    }

    @RepeatedTest(value = 60, failureThreshold = 1)
    void copiesTheElementsWhoseIndicesLieInTheBlock(RepetitionInfo repetition) throws IOException {
        SplittableRandom random = new SplittableRandom(repetition.getCurrentRepetition());
        int rank = random.nextInt(0, 5);
        long[] shape = random.longs(rank, 1, 6).toArray();
        long[] first = new long[rank];
        long[] size = new long[rank];
        for (int i = 0; i < rank; i++) {
            first[i] = random.nextLong(shape[i]);
            size[i] = random.nextLong(random.nextInt(10) == 0 ? 0 : 1, shape[i] - first[i] + 1);
        }
        int maxMapping = random.nextBoolean() ? 24 : FileMapper.MAX_MAPPING;
        try (SafetensorsFile file = counting(random.nextInt(4), maxMapping, shape)) {
            long[] block = file.tensor("a").slice(first, size).toLongs();

            for (int i = 0; i < block.length; i++) {
                long expected = 0;
                long rest = i;
                long stride = 1;
                for (int k = rank - 1; k >= 0; k--) {
                    expected += (first[k] + rest % size[k]) * stride;
                    rest /= size[k];
                    stride *= shape[k];
                }
                assertThat(block[i]).isEqualTo(expected);
            }
        }
    }

    @Test
    void showsBytesThatFollowEachOtherTogether() throws IOException {
        try (SafetensorsFile file = counting(0, FileMapper.MAX_MAPPING, 4, 5)) {
            List<String> parts = new ArrayList<>();
            PartReader<RuntimeException> reader = (part, at) -> parts.add(at + ": " + part.remaining());
            file.tensor("a").forEachPartOfBlock(longs(1, 0), longs(3, 5), reader);
            file.tensor("a").forEachPartOfBlock(longs(1, 1), longs(2, 3), reader);
            file.tensor("a").forEachPart(3, 7, reader);

            assertThat(parts).containsExactly("0: 30", "0: 6", "6: 6", "0: 7");
        }
    }

    @Test
    void throwsWhatTheReaderThrows() throws IOException {
        try (SafetensorsFile file = counting(0, FileMapper.MAX_MAPPING, 4, 5)) {
            assertThatThrownBy(() -> file.tensor("a").forEachPart(0, 7, (part, at) -> {
                        throw new IOException("full");
                    }))
                    .isInstanceOf(IOException.class)
                    .hasMessage("full");
        }
    }

    @Test
    void givesAllBytesInPlaceIfOneMappingHasThem() throws IOException {
        try (SafetensorsFile file = counting(0, FileMapper.MAX_MAPPING, 4, 5)) {
            ByteBuffer bytes = file.tensor("a").bytes();
            assertThat(bytes.remaining()).isEqualTo(40);
            assertThat(bytes.isReadOnly()).isTrue();
            assertThat(bytes.getShort(38)).isEqualTo((short) 19);
        }
        try (SafetensorsFile file = counted(24)) {
            MappedTensor tensor = file.tensor("a");
            assertThatThrownBy(tensor::bytes)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(tensor + " has 40 bytes, which don't lie in one mapping: read it in parts");
        }
    }

    private SafetensorsFile counted(int maxMapping) throws IOException {
        return SafetensorsFile.open(directory.resolve("a.safetensors"), maxMapping);
    }

    @Test
    void refusesBlocksAndBytesThatTheTensorLacks() throws IOException {
        try (SafetensorsFile file = counting(0, FileMapper.MAX_MAPPING, 4, 5)) {
            MappedTensor tensor = file.tensor("a");
            for (long[] first : new long[][] {{3, 0}, {0, 3}, {-1, 0}, {0, -1}, {Long.MAX_VALUE, 0}, {0}, {0, 0, 0}}) {
                assertThatThrownBy(() -> tensor.slice(first, longs(2, 3)))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageStartingWith(
                                file.path() + ": tensor 'a' of dtype I16 and shape [4, 5] has no block from [")
                        .hasMessageEndingWith("] of shape [2, 3]");
            }
            assertThatThrownBy(() -> tensor.slice(longs(0, 0), longs(1, -1)))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> tensor.forEachPart(30, 11, (part, at) -> {}))
                    .isInstanceOf(IndexOutOfBoundsException.class);
        }
    }

    @Test
    void refusesBlocksOfElementsSmallerThanAByte() throws IOException {
        Path path = directory.resolve("b");
        Safetensors.write(Map.of("a", Tensor.of(Dtype.F4, longs(2, 4), ByteBuffer.allocate(4))), path);
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            MappedTensor tensor = file.tensor("a");
            assertThatThrownBy(() -> tensor.slice(longs(0, 0), longs(1, 4)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(tensor + " has no blocks, its elements are smaller than a byte");
            assertThat(tensor.load().byteLength()).isEqualTo(4);
        }
    }
}
