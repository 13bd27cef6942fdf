package org.laco.io.array;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.collect.ImmutableMap;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.laco.io.safetensors.SafetensorsException;
import org.laco.io.safetensors.TestFiles;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

class SafetensorsArraysTest {
    private static final INDArray BYTES =
            Nd4j.createFromArray(new byte[] {1, 2, 3, 4, 5, 6}).reshape(2, 3);

    @TempDir
    Path directory;

    private static Map<String, INDArray> state() {
        return Map.of(
                "weight", Nd4j.createFromArray(0.5f, -2f),
                "steps", Nd4j.scalar(9_007_199_254_740_993L),
                "empty", Nd4j.create(DataType.BFLOAT16, 0, 3),
                "mask", Nd4j.createFromArray(true, false, true));
    }

    private static void requireState(NamedArrays read) {
        assertThat(read.arrays()).containsExactlyInAnyOrderEntriesOf(state());
        read.arrays().forEach((name, array) -> assertThat(array.dataType())
                .as(name)
                .isEqualTo(state().get(name).dataType()));
        assertThat(read.array("steps").getLong(0)).isEqualTo(9_007_199_254_740_993L);
        assertThat(read.array("empty").shape()).containsExactly(0, 3);
    }

    private Stream<Path> files() throws IOException {
        return Files.list(directory);
    }

    @Test
    void readsWhatItHasWrittenUnderAnyName() throws IOException {
        Path file = directory.resolve("état 1.bin");
        SafetensorsArrays.write(state(), ImmutableMap.of("format", "pt"), file);

        try (NamedArrays read = SafetensorsArrays.read(file)) {
            requireState(read);
            assertThat(read.metadata()).isEqualTo(Map.of("format", "pt"));
        }
        try (Stream<Path> files = files()) {
            assertThat(files).containsExactly(file);
        }
    }

    @Test
    void writesTheSameToFilesStreamsAndBytes() throws IOException {
        Path file = directory.resolve("a");
        SafetensorsArrays.write(state(), file);
        var stream = new ByteArrayOutputStream();
        SafetensorsArrays.write(state(), Map.of(), stream);
        byte[] bytes = SafetensorsArrays.toBytes(state(), Map.of());

        assertThat(file).hasBinaryContent(bytes);
        assertThat(stream.toByteArray()).isEqualTo(bytes);
        try (NamedArrays read = SafetensorsArrays.read(bytes)) {
            requireState(read);
            assertThat(read.metadata()).isEmpty();
        }
    }

    @Test
    void writesWiderTypesFirstAndNamesInTheOrderOfTheirBytes() throws IOException {
        // 😀 comes before ﬁ in UTF-16, and after it in UTF-8.
        byte[] bytes = SafetensorsArrays.toBytes(
                Map.of("b", BYTES, "a", Nd4j.scalar(1), "😀", Nd4j.scalar(2), "ﬁ", Nd4j.scalar(3)),
                Map.of("k", "\u0001"));

        String header = "{\"__metadata__\":{\"k\":\"\\u0001\"},"
                + "\"a\":{\"dtype\":\"I32\",\"shape\":[],\"data_offsets\":[0,4]},"
                + "\"ﬁ\":{\"dtype\":\"I32\",\"shape\":[],\"data_offsets\":[4,8]},"
                + "\"😀\":{\"dtype\":\"I32\",\"shape\":[],\"data_offsets\":[8,12]},"
                + "\"b\":{\"dtype\":\"I8\",\"shape\":[2,3],\"data_offsets\":[12,18]}}";
        int length = header.getBytes(StandardCharsets.UTF_8).length;
        Path expected = TestFiles.write(
                directory.resolve("expected"),
                header + " ".repeat(-length & 7),
                1,
                0,
                0,
                0,
                3,
                0,
                0,
                0,
                2,
                0,
                0,
                0,
                1,
                2,
                3,
                4,
                5,
                6);
        assertThat(bytes).isEqualTo(Files.readAllBytes(expected));
    }

    @Test
    void writesAnArrayUnderTwoNamesAndArraysThatAreNotDense() throws IOException {
        INDArray cube = Nd4j.arange(12).castTo(DataType.LONG).reshape(2, 3, 2);
        byte[] bytes = SafetensorsArrays.toBytes(
                Map.of(
                        "one", BYTES,
                        "two", BYTES,
                        "transposed", BYTES.transpose(),
                        "columns", BYTES.get(NDArrayIndex.all(), NDArrayIndex.interval(1, 3)),
                        "permuted", cube.permute(1, 0, 2)),
                Map.of());

        try (NamedArrays read = SafetensorsArrays.read(bytes)) {
            assertThat(read.array("one").data().asInt()).containsExactly(1, 2, 3, 4, 5, 6);
            assertThat(read.array("two").data().asInt()).containsExactly(1, 2, 3, 4, 5, 6);
            assertThat(read.array("transposed").data().asInt()).containsExactly(1, 4, 2, 5, 3, 6);
            assertThat(read.array("transposed").shape()).containsExactly(3, 2);
            assertThat(read.array("columns").data().asInt()).containsExactly(2, 3, 5, 6);
            assertThat(read.array("permuted").data().asInt()).containsExactly(0, 1, 6, 7, 2, 3, 8, 9, 4, 5, 10, 11);
        }
        assertThat(BYTES.wasClosed()).isFalse();
    }

    @Test
    void overwritesNothingUnlessAsked() throws IOException {
        Path file = Files.writeString(directory.resolve("a"), "precious");
        assertThatThrownBy(() -> SafetensorsArrays.write(state(), file))
                .isInstanceOf(SafetensorsException.class)
                .hasMessage(file + ": the file exists and is not overwritten");
        assertThat(file).hasContent("precious");

        SafetensorsArrays.replace(state(), Map.of(), file);

        assertThat(file).hasBinaryContent(SafetensorsArrays.toBytes(state(), Map.of()));
        try (Stream<Path> files = files()) {
            assertThat(files).containsExactly(file);
        }
    }

    @Test
    void saysWhereAFileCannotBe() {
        Path nowhere = directory.resolve("none").resolve("a");
        assertThatThrownBy(() -> SafetensorsArrays.write(state(), nowhere))
                .isInstanceOf(SafetensorsException.class)
                .hasMessage(nowhere + ": the file can't be written: there is no directory " + nowhere.getParent());
        assertThatThrownBy(() -> SafetensorsArrays.replace(state(), Map.of(), directory))
                .isInstanceOf(SafetensorsException.class)
                .hasMessage(directory + ": this is a directory, expected the name of a file");
    }

    @Test
    void refusesWhatTheFormatCannotHoldBeforeItWritesAnything() throws IOException {
        Path file = directory.resolve("a");
        INDArray closed = Nd4j.zeros(2);
        closed.close();
        refuses(file, Map.of("__metadata__", BYTES), "the format has no room for a tensor named '__metadata__'");
        refuses(file, Map.of("", BYTES), "the format has no room for a tensor named ''");
        refuses(file, Map.of("t", closed), "the array 't' was closed");
        refuses(
                file,
                Map.of("t", Nd4j.create("a", "text")),
                "tensor 't' has the type UTF8, which the format lacks, expected one of BOOL, F4, F6_E2M3, F6_E3M2, U8, I8, "
                        + "F8_E5M2, F8_E4M3, F8_E8M0, F8_E4M3FNUZ, F8_E5M2FNUZ, I16, U16, F16, BF16, I32, U32, F32, C64, F64, I64, U64");
        assertThatThrownBy(() -> SafetensorsArrays.write(Map.of("t", BYTES), Map.of("k", "\ud83d"), file))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("the metadata has half of a surrogate pair in 'k'");
        try (Stream<Path> files = files()) {
            assertThat(files).isEmpty();
        }
    }

    private static void refuses(Path file, Map<String, INDArray> tensors, String message) {
        assertThatThrownBy(() -> SafetensorsArrays.write(tensors, file))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }

    @Test
    void refusesBytesThatAreNoFile() {
        byte[] whole = SafetensorsArrays.toBytes(state(), Map.of());
        assertThatThrownBy(() -> SafetensorsArrays.read(new byte[] {1, 2, 3}))
                .isInstanceOf(SafetensorsException.class)
                .hasMessage(
                        "safetensors bytes: the file has 3 bytes, expected at least 8 for the length of the header");
        for (int length = 0; length < whole.length; length++) {
            byte[] cut = Arrays.copyOf(whole, length);
            assertThatThrownBy(() -> SafetensorsArrays.read(cut))
                    .as("%s bytes", length)
                    .isInstanceOf(SafetensorsException.class)
                    .hasMessageStartingWith("safetensors bytes: ");
        }
    }

    @Test
    void namesATensorOfATypeThatNd4jLacks() throws IOException {
        Path file = TestFiles.write(
                directory.resolve("a"), "{\"a\":{\"dtype\":\"F8_E4M3\",\"shape\":[1],\"data_offsets\":[0,1]}}", 1);
        byte[] bytes = Files.readAllBytes(file);
        String message =
                ": tensor 'a' has the dtype F8_E4M3, which ND4J has no type for; Safetensors reads its bytes, and "
                        + "FileTensors the file's other tensors";
        assertThatThrownBy(() -> SafetensorsArrays.read(bytes))
                .isInstanceOf(IOException.class)
                .hasMessage("safetensors bytes" + message);
        assertThatThrownBy(() -> SafetensorsArrays.read(file))
                .isInstanceOf(IOException.class)
                .hasMessage(file + message);
    }

    @Test
    void saysWhichArrayIsMissing() throws IOException {
        try (NamedArrays read = SafetensorsArrays.read(SafetensorsArrays.toBytes(state(), Map.of()))) {
            assertThatThrownBy(() -> read.array("bias"))
                    .isInstanceOf(NoSuchElementException.class)
                    .hasMessage("safetensors bytes: no tensor is named 'bias'");
        }
    }

    @Test
    void freesTheArraysWhenItIsClosed() throws IOException {
        NamedArrays read = SafetensorsArrays.read(SafetensorsArrays.toBytes(state(), Map.of()));
        read.close();
        read.close();
        assertThat(read.array("weight").wasClosed()).isTrue();
    }
}
