package org.laco.io.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SafetensorsTest {
    private static final Map<String, Tensor> STATE = Map.of(
            "weight", Tensor.of(new float[] {0.5f, -2}, 2),
            "steps", Tensor.of(new long[] {9_007_199_254_740_993L}),
            "empty", Tensor.bfloat16(new float[0], 0, 3),
            "mask", Tensor.of(new boolean[] {true, false, true}, 3));

    @TempDir
    Path directory;

    @Test
    void readsWhatItHasWrittenUnderAnyName() throws IOException {
        Path file = directory.resolve("état 1.bin");
        Safetensors.write(STATE, Map.of("format", "pt"), file);

        LoadedTensors read = Safetensors.read(file);

        assertThat(read.tensors()).containsExactlyInAnyOrderEntriesOf(STATE);
        assertThat(read.tensors().keySet()).containsExactly("steps", "weight", "empty", "mask");
        assertThat(read.metadata()).isEqualTo(Map.of("format", "pt"));
        assertThat(read.tensor("weight").bytes().isDirect()).isTrue();
        try (Stream<Path> files = Files.list(directory)) {
            assertThat(files).containsExactly(file);
        }
    }

    @ParameterizedTest
    @EnumSource
    void keepsTheBitsOfEveryType(Dtype dtype) throws IOException {
        byte[] bits = new byte[4 * dtype.bits()];
        for (int i = 0; i < bits.length; i++) {
            bits[i] = (byte) (37 * i);
        }
        Tensor tensor = Tensor.of(dtype, new long[] {8, 4}, ByteBuffer.wrap(bits));

        byte[] written = Safetensors.toBytes(Map.of("a", tensor), Map.of());

        assertThat(Arrays.copyOfRange(written, written.length - bits.length, written.length))
                .isEqualTo(bits);
        assertThat(Safetensors.read(written).tensor("a")).isEqualTo(tensor);
    }

    @Test
    void writesTheSameToFilesStreamsAndBytes() throws IOException {
        Path file = directory.resolve("a");
        Safetensors.write(STATE, file);
        var stream = new ByteArrayOutputStream();
        Safetensors.write(STATE, Map.of(), stream);
        byte[] bytes = Safetensors.toBytes(STATE, Map.of());

        assertThat(file).hasBinaryContent(bytes);
        assertThat(stream.toByteArray()).isEqualTo(bytes);
        assertThat(Safetensors.read(bytes).tensors()).containsExactlyInAnyOrderEntriesOf(STATE);
        assertThat(Safetensors.read(bytes).metadata()).isEmpty();
    }

    @Test
    void replacesAFileByAnotherOfItsOwnTensors() throws IOException {
        Path file = directory.resolve("a");
        Safetensors.write(STATE, file);
        try (SafetensorsFile opened = SafetensorsFile.open(file)) {
            List<MappedTensor> some = List.of(opened.tensor("mask"), opened.tensor("weight"));
            assertThatThrownBy(() -> Safetensors.write(some, Map.of(), file))
                    .isInstanceOf(SafetensorsException.class)
                    .hasMessage(file + ": the file exists and is not overwritten");
            Safetensors.replace(some, Map.of("part", "of a"), file);
        }

        LoadedTensors read = Safetensors.read(file);

        assertThat(read.tensors())
                .containsExactlyInAnyOrderEntriesOf(Map.of("weight", STATE.get("weight"), "mask", STATE.get("mask")));
        assertThat(read.metadata()).isEqualTo(Map.of("part", "of a"));
    }

    @Test
    void refusesWhatTheFormatCannotHoldBeforeItWritesAnything() throws IOException {
        Tensor one = Tensor.of(new float[] {1});
        Path file = directory.resolve("a");
        assertThatThrownBy(() -> Safetensors.write(Map.of("__metadata__", one), file))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the format has no room for a tensor named '__metadata__'");
        assertThatThrownBy(() -> Safetensors.write(List.of(one.named("t"), one.named("t")), Map.of(), file))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("two tensors are named 't'");
        try (Stream<Path> files = Files.list(directory)) {
            assertThat(files).isEmpty();
        }
    }

    @Test
    void refusesBytesThatAreNoFile() {
        byte[] whole = Safetensors.toBytes(STATE, Map.of());
        for (int length = 0; length < whole.length; length++) {
            byte[] cut = Arrays.copyOf(whole, length);
            assertThatThrownBy(() -> Safetensors.read(cut))
                    .as("%s bytes", length)
                    .isInstanceOf(SafetensorsException.class)
                    .hasMessageStartingWith("safetensors bytes: ");
        }
    }

    @Test
    void saysWhichTensorIsMissing() throws IOException {
        LoadedTensors read = Safetensors.read(Safetensors.toBytes(STATE, Map.of()));
        assertThatThrownBy(() -> read.tensor("bias"))
                .isInstanceOf(NoSuchElementException.class)
                .hasMessage("safetensors bytes: no tensor is named 'bias'");
    }
}
