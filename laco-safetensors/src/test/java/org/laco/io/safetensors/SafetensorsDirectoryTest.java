package org.laco.io.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.NoSuchElementException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SafetensorsDirectoryTest {
    @TempDir
    Path directory;

    private void shard(String file, String tensor, int value) throws IOException {
        String header = "{\"" + tensor + "\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}";
        RawFile.write(directory.resolve(file), RawFile.of(header, value));
    }

    private Path index(String json) throws IOException {
        return Files.writeString(directory.resolve("model.safetensors.index.json"), json);
    }

    private void refuses(Path where, String message) {
        assertThatThrownBy(() -> SafetensorsDirectory.open(directory))
                .isInstanceOf(SafetensorsException.class)
                .hasMessage(where + ": " + message);
    }

    @Test
    void readsShardAfterShard() throws IOException {
        shard("model-00001-of-00002.safetensors", "z", 1);
        shard("model-00002-of-00002.safetensors", "a", 2);
        index("{\"metadata\":{\"total_size\":2,\"more\":{}},\"weight_map\":{"
                + "\"a\":\"model-00002-of-00002.safetensors\",\"z\":\"model-00001-of-00002.safetensors\"}}");
        try (SafetensorsDirectory weights = SafetensorsDirectory.open(directory)) {
            assertThat(weights.names()).containsExactly("z", "a");
            assertThat(weights.files()).hasSize(2);
            assertThat(weights.contains("a")).isTrue();
            assertThat(weights.contains("b")).isFalse();
            weights.prefetch(List.of("a", "z"));
            assertThat(weights.tensor("z").load().toLongs()).containsExactly(1);
            assertThat(weights.tensor("a").load().toLongs()).containsExactly(2);
            assertThatThrownBy(() -> weights.tensor("b"))
                    .isInstanceOf(NoSuchElementException.class)
                    .hasMessage(directory + ": no tensor is named 'b'");
        }
    }

    @Test
    void prefersTheSingleFile() throws IOException {
        shard("model.safetensors", "a", 1);
        index("not even JSON");
        try (SafetensorsDirectory weights = SafetensorsDirectory.open(directory)) {
            assertThat(weights.names()).containsExactly("a");
        }
    }

    @Test
    void followsTheLinksOfACache() throws IOException {
        Path blobs = Files.createDirectory(directory.resolve("blobs"));
        Path snapshot = Files.createDirectory(directory.resolve("snapshot"));
        shard("blobs/0a", "a", 1);
        Files.writeString(blobs.resolve("0b"), "{\"weight_map\":{\"a\":\"x.safetensors\"}}");
        Files.createSymbolicLink(snapshot.resolve("x.safetensors"), Path.of("../blobs/0a"));
        Files.createSymbolicLink(snapshot.resolve("model.safetensors.index.json"), Path.of("../blobs/0b"));
        try (SafetensorsDirectory weights = SafetensorsDirectory.open(snapshot)) {
            assertThat(weights.names()).containsExactly("a");
        }
    }

    @Test
    void namesADanglingLink() throws IOException {
        Files.createSymbolicLink(directory.resolve("model.safetensors"), Path.of("../blobs/0a"));
        assertThatThrownBy(() -> SafetensorsDirectory.open(directory))
                .isInstanceOf(FileNotFoundException.class)
                .hasMessageStartingWith(directory.resolve("model.safetensors").toString());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ".",
                "..",
                "../x",
                "/etc/passwd",
                "sub/x",
                "sub\\\\x",
                "C:x",
                "x\\u0000",
                "..\\\\x",
                "sub/../x"
            })
    void refusesFilesOutsideTheDirectory(String json) throws IOException {
        Path index = index("{\"weight_map\":{\"a\":\"" + json + "\"}}");
        String shown = json.replace("\\\\", "\\").replace("\\u0000", "\\0");
        refuses(index, "tensor 'a' is mapped to '" + shown + "', expected the name of a file in the same directory");
    }

    @Test
    void refusesAnIndexThatIsNoMapOfNames() throws IOException {
        refuses(index("{\"weight_map\":{\"a\":"), "the index is not valid JSON at character 19");
        refuses(index(""), "the index is not a JSON object");
        refuses(
                index("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 4\n"),
                "the index is a Git LFS pointer: fetch the files, as by git lfs pull");
        refuses(index("[]"), "the index is not a JSON object");
        refuses(index("{}{}"), "the index goes on after its JSON object");
        refuses(index("{}"), "the index has no weight_map, or an empty one");
        refuses(index("{\"weight_map\":{}}"), "the index has no weight_map, or an empty one");
        refuses(index("{\"weight_map\":[]}"), "weight_map is a list, expected an object of file names");
        refuses(index("{\"weight_map\":{\"a\":null}}"), "tensor 'a' is mapped to null, expected a file name");
        refuses(index("{\"weight_map\":{\"a\":\"x\",\"a\":\"x\"}}"), "tensor 'a' is mapped twice");
        refuses(
                index("{\"weight_map\":{\"a\":\"x\"},\"weight_map\":{}}"),
                "the index has two entries named weight_map");
        Path index = Files.write(index(""), "\"ä\"".getBytes(StandardCharsets.ISO_8859_1));
        refuses(index, "the index is not valid UTF-8");
    }

    @Test
    void refusesAnIndexTooLargeToBeOne() throws IOException {
        Path index = directory.resolve("model.safetensors.index.json");
        try (RandomAccessFile file = new RandomAccessFile(index.toFile(), "rw")) {
            file.setLength(100_000_001);
        }
        refuses(index, "the index has 100000001 bytes, expected at most 100000000");
    }

    @Test
    void namesAMissingShard() throws IOException {
        shard("x.safetensors", "a", 1);
        Path index = index("{\"weight_map\":{\"a\":\"x.safetensors\",\"b\":\"y.safetensors\"}}");
        refuses(index, "the shard 'y.safetensors' is missing or can't be read");
    }

    @Test
    void refusesAnIndexAndShardsThatDisagree() throws IOException {
        shard("x.safetensors", "a", 1);
        shard("y.safetensors", "b", 2);
        Path x = directory.resolve("x.safetensors");
        Path index =
                index("{\"weight_map\":{\"a\":\"x.safetensors\",\"c\":\"x.safetensors\",\"b\":\"y.safetensors\"}}");
        refuses(index, "tensor 'c' is listed in 'x.safetensors', but that shard lacks it");
        index("{\"weight_map\":{\"b\":\"y.safetensors\",\"c\":\"x.safetensors\"}}");
        refuses(x, "tensor 'a' is in this shard, but the index lists it nowhere");
        index("{\"weight_map\":{\"a\":\"y.safetensors\",\"b\":\"x.safetensors\"}}");
        refuses(x, "tensor 'a' is in this shard, but the index lists it in 'y.safetensors'");
        shard("y.safetensors", "a", 2);
        index("{\"weight_map\":{\"a\":\"x.safetensors\",\"b\":\"y.safetensors\"}}");
        refuses(
                directory.resolve("y.safetensors"),
                "tensor 'a' is in this shard, but the index lists it in 'x.safetensors'");
    }

    @Test
    void saysWhatIsThereInstead() throws IOException {
        String expected = "expected model.safetensors or model.safetensors.index.json";
        refuses(directory, "the directory has no weights, " + expected);
        Files.createFile(directory.resolve("pytorch_model.bin"));
        Files.createFile(directory.resolve("old.pt"));
        refuses(
                directory,
                "the directory has pickled weights only (old.pt, pytorch_model.bin), which are not read and have to be"
                        + " converted to safetensors, " + expected);
        shard("model-00001-of-00002.safetensors", "a", 1);
        refuses(directory, "the directory has model-00001-of-00002.safetensors without an index, " + expected);
        Path missing = directory.resolve("missing");
        assertThatThrownBy(() -> SafetensorsDirectory.open(missing))
                .isInstanceOf(SafetensorsException.class)
                .hasMessage(missing + ": there is no such directory");
    }
}
