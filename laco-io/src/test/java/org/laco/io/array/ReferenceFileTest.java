package org.laco.io.array;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.base.Splitter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.laco.io.safetensors.Dtype;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A file of all types that the reference implementation wrote, and its values as text, which Python had before it wrote them: made by
 * laco-examples/benchmarks/safetensors_exchange.py --fixture with safetensors 0.8.0.
 */
class ReferenceFileTest {
    private static final Path FILE =
            Path.of("../laco-safetensors/src/test/resources/safetensors/all_types.safetensors");
    private static final Path VALUES = Path.of("../laco-safetensors/src/test/resources/safetensors/all_types.tsv");

    @TempDir
    Path directory;

    /** A tensor as Python had it: floats are the bits of a float64 in hexadecimal, other numbers are decimal. */
    record Expected(String name, String dtype, long[] shape, List<String> values) {
        static Expected parse(String line) {
            List<String> parts = Splitter.on('\t').splitToList(line);
            return new Expected(
                    new String(HexFormat.of().parseHex(parts.get(1)), StandardCharsets.UTF_8),
                    parts.get(2),
                    list(parts.get(3)).stream().mapToLong(Long::parseLong).toArray(),
                    list(parts.get(4)));
        }

        private static List<String> list(String text) {
            return Splitter.on(',').omitEmptyStrings().splitToList(text);
        }

        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Expected> tensors() throws IOException {
        return Files.readAllLines(VALUES).stream()
                .filter(line -> line.startsWith("tensor"))
                .map(Expected::parse);
    }

    private static List<String> values(INDArray array) {
        return LongStream.range(0, array.length())
                .mapToObj(i -> {
                    if (array.dataType().isFPType()) {
                        return "%016x"
                                .formatted(Double.doubleToLongBits(array.data().getDouble(i)));
                    }
                    long value = array.data().getLong(i);
                    return array.dataType() == DataType.UINT64 ? Long.toUnsignedString(value) : Long.toString(value);
                })
                .toList();
    }

    @ParameterizedTest
    @MethodSource("tensors")
    void readsTheValuesThatTheReferenceWrote(Expected expected) throws IOException {
        try (NamedArrays fromFile = SafetensorsArrays.read(FILE);
                NamedArrays fromBytes = SafetensorsArrays.read(Files.readAllBytes(FILE))) {
            for (NamedArrays read : List.of(fromFile, fromBytes)) {
                INDArray array = read.array(expected.name());
                assertThat(ElementTypes.dtype(array.dataType())).hasValue(Dtype.valueOf(expected.dtype()));
                assertThat(array.shape()).isEqualTo(expected.shape());
                assertThat(values(array)).isEqualTo(expected.values());
            }
        }
    }

    @Test
    void writesTheSameBytesAsTheReference() throws IOException {
        Path file = directory.resolve("again.safetensors");
        try (NamedArrays read = SafetensorsArrays.read(FILE)) {
            assertThat(read.arrays()).hasSize(39);
            SafetensorsArrays.write(read.arrays(), read.metadata(), file);

            assertThat(file).hasSameBinaryContentAs(FILE);
            assertThat(SafetensorsArrays.toBytes(read.arrays(), read.metadata()))
                    .isEqualTo(Files.readAllBytes(FILE));
        }
    }

    @Test
    void holdsEveryTypeThatNd4jHas() throws IOException {
        assertThat(tensors().map(Expected::dtype).distinct())
                .containsExactlyInAnyOrderElementsOf(Arrays.stream(Dtype.values())
                        .filter(dtype -> ElementTypes.dataType(dtype) != DataType.UNKNOWN)
                        .map(Dtype::name)
                        .toList());
    }
}
