package org.laco.io.array;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.laco.io.safetensors.Dtype;
import org.laco.io.safetensors.SafetensorsWriter;
import org.laco.io.safetensors.Tensor;
import org.laco.tensor.ArrayTensor;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Every byte that an element can have is read and written as it is, whatever its bits mean. */
class StoredTypesTest {
    @TempDir
    Path directory;

    @ParameterizedTest
    @EnumSource(names = {"BOOL", "U8", "I8", "I16", "U16", "F16", "BF16", "I32", "U32", "F32", "F64", "I64", "U64"})
    void keepsTheBitsOfEveryElementFromFileToArrayToFile(Dtype dtype) throws IOException {
        Path file = directory.resolve("a.safetensors");
        byte[] bits = bits(dtype);
        // A byte in front makes the elements misaligned.
        SafetensorsWriter.writeFile(
                file,
                List.of(
                        Tensor.of(new byte[1], 1).named("one"),
                        Tensor.of(dtype, new long[] {256, bits.length * 8L / dtype.bits() / 256}, ByteBuffer.wrap(bits))
                                .named("a")),
                Map.of());

        try (FileTensors opened = FileTensors.open(file);
                INDArray values = opened.tensor("a").loadStored()) {
            var written = new ByteArrayOutputStream();
            ArrayTensor tensor = ArrayTensor.of("a", values);
            tensor.writeTo(Channels.newChannel(written));
            assertThat(tensor.storedType()).isEqualTo(dtype.name());
            assertThat(written.toByteArray()).isEqualTo(bits);
        }
    }

    /** Truth values, all patterns of one and two bytes, or numbers whose bytes differ. */
    private static byte[] bits(Dtype dtype) {
        int width = dtype.bits() / 8;
        byte[] bits = new byte[(width == 1 ? 256 : 65536) * width];
        for (int i = 0; i < bits.length; i++) {
            int element = i / width;
            int place = i % width;
            int bit = width == 1 || place == width - 2 ? element : place == width - 1 ? element >> 8 : 37 * i;
            bits[i] = (byte) (dtype == Dtype.BOOL ? element & 1 : bit);
        }
        return bits;
    }
}
