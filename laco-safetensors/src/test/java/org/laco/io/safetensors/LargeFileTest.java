package org.laco.io.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LargeFileTest {
    @TempDir
    Path directory;

    @Test
    void readsRowsOnBothSidesOfTwoGigabytes() throws IOException {
        // 1.1e9 rows of two BF16, 4.4e9 bytes: three mappings of whole rows. The file is sparse.
        long rows = 1_100_000_000L;
        long cut = (Integer.MAX_VALUE - 7L) / 4;
        byte[] start = RawFile.of(("{\"a\":{\"dtype\":\"BF16\",\"shape\":[%d,2],\"data_offsets\":[0,%d]},"
                        + "\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[%d,%d]}}")
                .formatted(rows, rows * 4, rows * 4, rows * 4 + 4));
        Path path = directory.resolve("large.safetensors");
        try (FileChannel channel = FileChannel.open(
                path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, StandardOpenOption.SPARSE)) {
            channel.write(ByteBuffer.wrap(start), 0);
            byte[] around = {(byte) 0x80, 0x3F, 0x00, 0x40, 0x40, 0x40, (byte) 0x80, 0x40};
            channel.write(ByteBuffer.wrap(around), start.length + (cut - 1) * 4);
            channel.write(ByteBuffer.wrap(around), start.length + (2 * cut - 1) * 4);
            channel.write(ByteBuffer.wrap(new byte[] {0, 0, (byte) 0xC0, (byte) 0xBF}), start.length + rows * 4);
        }
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            MappedTensor tensor = file.tensor("a");
            for (long seam : new long[] {cut, 2 * cut}) {
                Tensor block = tensor.slice(new long[] {seam - 2, 0}, new long[] {4, 2});
                assertThat(block.toFloats()).containsExactly(0, 0, 1, 2, 3, 4, 0, 0);
            }
            assertThatThrownBy(tensor::load)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(tensor
                            + " takes 4400000000 bytes here, expected at most 2147483640 at once: read it in parts");
            assertThatThrownBy(tensor::bytes)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(tensor + " has 4400000000 bytes, which don't lie in one mapping: read it in parts");
            assertThat(tensor.rowsInPlace(0)).isEqualTo(cut);
            assertThat(tensor.rowsInPlace(cut - 1)).isEqualTo(1);
            assertThat(tensor.rowsInPlace(cut)).isEqualTo(cut);
            assertThat(tensor.rowsInPlace(2 * cut)).isEqualTo(rows - 2 * cut);
            assertThat(tensor.bytes(cut, 1).getShort(0)).isEqualTo((short) 0x4040);
            assertThat(file.tensor("b").load().toFloats()).containsExactly(-1.5f);
        }
    }

    @Test
    void readsAndWritesTensorsCutIntoManyMappings() throws IOException {
        // With mappings of 24 bytes, a row of 10 bytes shares one with another; a row of 40 bytes is cut itself.
        byte[] bytes = new byte[200];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) i;
        }
        for (long[] shape : new long[][] {{20, 5}, {5, 20}, {100}, {1, 100}}) {
            var tensor = InMemoryTensor.of("a", Dtype.I16, bytes, shape);
            var small = InMemoryTensor.of("b", Dtype.I8, new byte[] {1, 2}, 2);
            Path target = Files.createTempDirectory(directory, "cut");
            SafetensorsWriter.write(ShardLayout.of(List.of(small, tensor), 1000, ShardLayout.DEFAULT_METADATA), target);
            try (SafetensorsFile file = SafetensorsFile.open(target.resolve("model.safetensors"), 24)) {
                assertThat(file.tensor("a").load()).isEqualTo(Tensor.of(Dtype.I16, shape, ByteBuffer.wrap(bytes)));
                var out = new ByteArrayOutputStream();
                file.tensor("a").writeTo(Channels.newChannel(out));
                assertThat(out.toByteArray()).isEqualTo(bytes);
                file.prefetch(file.names());
            }
        }
    }
}
