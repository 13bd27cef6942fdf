package org.laco.io.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.hash.Hashing;
import com.google.common.io.MoreFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsWriterTest {
    private static final InMemoryTensor A = InMemoryTensor.of("a", Dtype.BF16, new byte[] {1, 2, 3, 4}, 2);
    private static final InMemoryTensor B = InMemoryTensor.of("b", Dtype.U8, new byte[] {5, 6, 7}, 1, 3);
    private static final InMemoryTensor C = InMemoryTensor.of("c", Dtype.F32, new byte[] {8, 9, 10, 11});

    @TempDir
    Path directory;

    private static ShardLayout layout(long maxShardBytes, InMemoryTensor... tensors) {
        return ShardLayout.of(List.of(tensors), maxShardBytes, ShardLayout.DEFAULT_METADATA);
    }

    private String content(String name) throws IOException {
        return new String(Files.readAllBytes(directory.resolve(name)), StandardCharsets.ISO_8859_1);
    }

    @Test
    void writesOneFileByteForByte() throws IOException {
        String header = "{\"__metadata__\":{\"format\":\"pt\"},"
                + "\"a\":{\"dtype\":\"BF16\",\"shape\":[2],\"data_offsets\":[0,4]},"
                + "\"b\":{\"dtype\":\"U8\",\"shape\":[1,3],\"data_offsets\":[4,7]},"
                + "\"c\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[7,11]}}";
        assertThat(header).hasSize(193);

        List<WrittenFile> files = SafetensorsWriter.write(layout(1000, A, B, C), directory);

        byte[] expected = RawFile.of(header + " ".repeat(7), 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);
        assertThat(directory.resolve("model.safetensors")).hasBinaryContent(expected);
        assertThat(files)
                .containsExactly(new WrittenFile(
                        "model.safetensors",
                        expected.length,
                        Optional.of(Hashing.sha256().hashBytes(expected).toString())));
        assertThat(layout(1000, A, B, C).totalBytes()).isEqualTo(expected.length);
        assertThat(MoreFiles.listFiles(directory)).hasSize(1);
    }

    @Test
    void writesTheSameBytesWithoutHashingThem() throws IOException {
        Path unhashed = Files.createDirectory(directory.resolve("unhashed"));
        SafetensorsWriter.write(layout(1000, A, B, C), directory);

        List<WrittenFile> files = SafetensorsWriter.write(layout(1000, A, B, C), unhashed, false);

        assertThat(files).extracting(WrittenFile::sha256).containsExactly(Optional.empty());
        assertThat(unhashed.resolve("model.safetensors"))
                .hasSameBinaryContentAs(directory.resolve("model.safetensors"));
    }

    @Test
    void tellsHowManyBytesOfAllShardsAreWritten() throws IOException {
        ShardLayout layout = layout(7, A, B, C);
        List<Long> told = new ArrayList<>();

        SafetensorsWriter.write(layout, directory, false, told::add);

        assertThat(told).containsExactly(4L, 7L, 11L);
        assertThat(layout.tensorBytes()).isEqualTo(11);
    }

    @Test
    void writesShardsAndAnIndex() throws IOException {
        ShardLayout layout = layout(7, A, B, C);
        assertThat(layout.fileNames())
                .containsExactly(
                        "model-00001-of-00002.safetensors",
                        "model-00002-of-00002.safetensors",
                        "model.safetensors.index.json");
        assertThat(layout.tensorBytes()).isEqualTo(11);

        List<WrittenFile> files = SafetensorsWriter.write(layout, directory);

        assertThat(files).extracting(WrittenFile::name).containsExactlyElementsOf(layout.fileNames());
        assertThat(files.stream().mapToLong(WrittenFile::bytes).sum()).isEqualTo(layout.totalBytes());
        assertThat(content("model.safetensors.index.json").replaceAll("\\s", ""))
                .isEqualTo("{\"metadata\":{\"total_size\":11},\"weight_map\":{"
                        + "\"a\":\"model-00001-of-00002.safetensors\","
                        + "\"b\":\"model-00001-of-00002.safetensors\","
                        + "\"c\":\"model-00002-of-00002.safetensors\"}}");
        try (SafetensorsDirectory written = SafetensorsDirectory.open(directory)) {
            assertThat(written.names()).containsExactly("a", "b", "c");
            assertThat(written.metadata()).isEqualTo(ShardLayout.DEFAULT_METADATA);
            assertThat(written.files()).allMatch(file -> file.header().dataStart() % 8 == 0);
        }
    }

    @Test
    void givesATensorLargerThanTheLimitItsOwnShard() {
        assertThat(layout(3, A, B, C).fileNames())
                .containsExactly(
                        "model-00001-of-00003.safetensors",
                        "model-00002-of-00003.safetensors",
                        "model-00003-of-00003.safetensors",
                        "model.safetensors.index.json");
        assertThat(layout(4, A).fileNames()).containsExactly("model.safetensors");
    }

    @Test
    void keepsMetadata() throws IOException {
        Map<String, String> metadata = Map.of("ключ", "a\"b\n");
        SafetensorsWriter.write(ShardLayout.of(List.of(A), 100, metadata), directory);
        try (SafetensorsDirectory written = SafetensorsDirectory.open(directory)) {
            assertThat(written.metadata()).isEqualTo(metadata);
        }
    }

    @Test
    void copiesATensorFromFileToFile() throws IOException {
        Path source = Files.createDirectory(directory.resolve("source"));
        Path target = Files.createDirectory(directory.resolve("target"));
        SafetensorsWriter.write(layout(1000, A, B, C), source);
        try (SafetensorsDirectory opened = SafetensorsDirectory.open(source)) {
            var tensors = opened.names().stream().map(opened::tensor).toList();
            SafetensorsWriter.write(ShardLayout.of(tensors, 1000, opened.metadata()), target);
        }
        assertThat(target.resolve("model.safetensors")).hasSameBinaryContentAs(source.resolve("model.safetensors"));
    }

    @Test
    void overwritesNothingAndLeavesNothingBehind() throws IOException {
        Path second = directory.resolve("model-00002-of-00002.safetensors");
        Files.writeString(second, "precious");
        assertThatThrownBy(() -> SafetensorsWriter.write(layout(7, A, B, C), directory))
                .isInstanceOf(SafetensorsException.class)
                .hasMessage(second + ": the file exists and is not overwritten");
        try (Stream<Path> files = Files.list(directory)) {
            assertThat(files).containsExactly(second);
        }
        assertThat(second).hasContent("precious");
    }

    @Test
    void noticesATensorThatWritesTooFewOrTooManyBytes() throws IOException {
        for (int size : new int[] {3, 5}) {
            var wrong = new InMemoryTensor("a", Dtype.U8, new long[] {4}, 4, new byte[size]);
            assertThatThrownBy(() -> SafetensorsWriter.write(layout(100, wrong), directory))
                    .isInstanceOf(SafetensorsException.class)
                    .hasMessage(directory.resolve("model.safetensors") + ": tensor 'a' wrote " + size
                            + " bytes, expected 4");
            assertThat(MoreFiles.listFiles(directory)).isEmpty();
        }
    }

    @Test
    void refusesTensorsThatTheFormatCannotHold() {
        byte[] one = {0};
        assertThatThrownBy(() -> layout(100, A, A))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("two tensors are named 'a'");
        assertThatThrownBy(() -> layout(100, InMemoryTensor.of("", Dtype.U8, one)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the format has no room for a tensor named ''");
        assertThatThrownBy(() -> layout(100, InMemoryTensor.of("__metadata__", Dtype.U8, one)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the format has no room for a tensor named '__metadata__'");
        assertThatThrownBy(() -> layout(100, InMemoryTensor.of("a", Dtype.BF16, one)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("tensor 'a' of dtype BF16 and shape [] takes 2 bytes, but gives its size as 1");
        assertThatThrownBy(() -> layout(100, InMemoryTensor.of("a", Dtype.F4, one, 3)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("tensor 'a' of dtype F4 and shape [3] is not a countable number of whole bytes");
        assertThatThrownBy(() -> layout(0, A))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("maxShardBytes is 0, expected at least 1");
    }

    @Test
    void refusesAHeaderLongerThanTheFormatAllows() {
        String name = "x".repeat(99_999_940);
        assertThatThrownBy(() -> layout(100, InMemoryTensor.of(name, Dtype.U8, new byte[1])))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("model.safetensors would have a header of 100000024 bytes, expected at most 100000000");
    }
}
