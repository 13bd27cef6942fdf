package org.laco.io.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsFileTest {
    @TempDir
    Path directory;

    private SafetensorsFile open(String header, int... data) throws IOException {
        return SafetensorsFile.open(RawFile.write(directory.resolve("a.safetensors"), RawFile.of(header, data)));
    }

    @Test
    void listsTensorsInTheOrderOfTheirData() throws IOException {
        String header = "{\"b\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[1,2]},"
                + "\"__metadata__\":{\"format\":\"pt\",\"ключ\":\"значение\"},"
                + "\"a\":{\"data_offsets\":[0,1],\"later\":{\"x\":[1]},\"shape\":[1],\"dtype\":\"U8\"}}   ";
        try (SafetensorsFile file = open(header, 1, 2)) {
            assertThat(file.names()).containsExactly("a", "b");
            assertThat(file.metadata()).containsExactlyInAnyOrderEntriesOf(Map.of("format", "pt", "ключ", "значение"));
            assertThat(file.contains("a")).isTrue();
            assertThat(file.contains("__metadata__")).isFalse();
            assertThatThrownBy(() -> file.tensor("c"))
                    .isInstanceOf(NoSuchElementException.class)
                    .hasMessage(file.path() + ": no tensor is named 'c'");
        }
    }

    @Test
    void opensAFileWithoutTensors() throws IOException {
        try (SafetensorsFile file = open("{}")) {
            assertThat(file.names()).isEmpty();
            assertThat(file.metadata()).isEmpty();
        }
    }

    @Test
    void givesTheStoredBytesInPlaceForReadingOnly() throws IOException {
        int[] data = {0x80, 0x3F, 0xF6, 0xC2, 0, 0, 0x49, 0x40};
        try (SafetensorsFile file = open("{\"a\":{\"dtype\":\"BF16\",\"shape\":[2,2],\"data_offsets\":[0,8]}}", data)) {
            MappedTensor tensor = file.tensor("a");
            assertThat(tensor.rowsInPlace(0)).isEqualTo(2);
            assertThat(tensor.rowsInPlace(2)).isZero();
            ByteBuffer row = tensor.bytes(1, 1);
            assertThat(row.isDirect()).isTrue();
            assertThat(row.isReadOnly()).isTrue();
            assertThat(row.order()).isEqualTo(ByteOrder.LITTLE_ENDIAN);
            assertThat(row.remaining()).isEqualTo(4);
            assertThat(row.getShort(2)).isEqualTo((short) 0x4049);
            assertThatThrownBy(() -> tensor.bytes(1, 2))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(file.path() + ": tensor 'a' of dtype BF16 and shape [2, 2] has no rows 1 to 3 in one"
                            + " mapping, expected at most 1 rows from there");
        }
    }

    @Test
    void refusesToReadAfterClosing() throws IOException {
        SafetensorsFile file = open("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", 0, 0, 0, 0);
        MappedTensor tensor = file.tensor("a");
        file.close();
        file.close();
        String message = file.path() + ": tensor 'a' cannot be read, the file was closed";
        assertThatThrownBy(tensor::load)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage(message);
        assertThatThrownBy(() -> tensor.bytes(0, 1))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage(message);
        assertThatThrownBy(() -> tensor.writeTo(Channels.newChannel(new ByteArrayOutputStream())))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage(message);
        file.prefetch(List.of("a"));
    }

    @Test
    void noticesThatTheFileWasCutWhileOpen() throws IOException {
        int[] data = new int[40_000];
        try (SafetensorsFile file =
                open("{\"a\":{\"dtype\":\"F32\",\"shape\":[10000],\"data_offsets\":[0,40000]}}", data)) {
            long start = file.header().dataStart();
            truncate(file.path(), 100);
            String message = file.path() + ": bytes " + start + " to " + (start + 40000)
                    + " of tensor 'a' cannot be read, the file was cut to 100 bytes after it was opened";
            MappedTensor tensor = file.tensor("a");
            assertThatThrownBy(tensor::load)
                    .isInstanceOf(UncheckedIOException.class)
                    .hasMessage(message)
                    .hasCauseInstanceOf(SafetensorsException.class);
            assertThatThrownBy(() -> tensor.writeTo(Channels.newChannel(new ByteArrayOutputStream())))
                    .isInstanceOf(SafetensorsException.class)
                    .hasMessage(message);
            file.prefetch(List.of("a"));
        }
    }

    // A channel that cuts the file after the first block has been written.
    @Test
    void noticesThatTheFileWasCutWhileWriting() throws IOException {
        int size = 20_000_000;
        try (SafetensorsFile file = open(
                "{\"a\":{\"dtype\":\"U8\",\"shape\":[%d],\"data_offsets\":[0,%d]}}".formatted(size, size),
                new int[size])) {
            long start = file.header().dataStart();
            ByteArrayOutputStream out = new ByteArrayOutputStream() {
                @Override
                public synchronized void write(byte[] bytes, int offset, int length) {
                    super.write(bytes, offset, length);
                    truncate(file.path(), 10_000_000);
                }
            };
            assertThatThrownBy(() -> file.tensor("a").writeTo(Channels.newChannel(out)))
                    .isInstanceOf(SafetensorsException.class)
                    .hasMessage(file.path() + ": bytes " + (start + 8388608) + " to " + (start + 16777216)
                            + " of tensor 'a' cannot be read, the file was cut to 10000000 bytes after it was opened");
            assertThat(out.size()).isEqualTo(8388608);
        }
    }

    private static void truncate(Path path, long size) {
        try (var channel = Files.newByteChannel(path, StandardOpenOption.WRITE)) {
            channel.truncate(size);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void followsSymbolicLinks() throws IOException {
        open("{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}", 5)
                .close();
        Path link = Files.createSymbolicLink(directory.resolve("link"), directory.resolve("a.safetensors"));
        try (SafetensorsFile file = SafetensorsFile.open(link)) {
            assertThat(file.tensor("a").load().toLongs()).containsExactly(5);
        }
    }

    @Test
    void namesAFileThatIsNotThere() {
        Path missing = directory.resolve("missing.safetensors");
        assertThatThrownBy(() -> SafetensorsFile.open(missing))
                .isInstanceOf(FileNotFoundException.class)
                .hasMessageStartingWith(missing.toString());
    }
}
