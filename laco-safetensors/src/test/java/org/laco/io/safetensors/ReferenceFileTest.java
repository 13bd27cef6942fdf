package org.laco.io.safetensors;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.base.Splitter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A file of many types that the reference implementation wrote, and its values as text, which Python had before it wrote them: made by
 * laco-examples/benchmarks/safetensors_exchange.py --fixture with safetensors 0.8.0.
 */
class ReferenceFileTest {
    private static final Path FILE = Path.of("src/test/resources/safetensors/all_types.safetensors");
    private static final Path VALUES = Path.of("src/test/resources/safetensors/all_types.tsv");

    /** The name, the type, the shape and the values: floats are the bits of a float64 in hexadecimal, other numbers are decimal. */
    static Stream<List<String>> tensors() throws IOException {
        return Files.readAllLines(VALUES).stream()
                .filter(line -> line.startsWith("tensor"))
                .map(line -> Splitter.on('\t').splitToList(line));
    }

    private static String values(Tensor tensor) {
        Stream<String> values =
                switch (tensor.dtype()) {
                    case F16, BF16, F32, F64 ->
                        Arrays.stream(tensor.toDoubles())
                                .mapToObj(value -> "%016x".formatted(Double.doubleToLongBits(value)));
                    case U64 -> Arrays.stream(tensor.toLongs()).mapToObj(Long::toUnsignedString);
                    default -> Arrays.stream(tensor.toLongs()).mapToObj(Long::toString);
                };
        return String.join(",", values.toList());
    }

    @ParameterizedTest
    @MethodSource("tensors")
    void readsTheValuesThatTheReferenceWrote(List<String> expected) throws IOException {
        String name = new String(HexFormat.of().parseHex(expected.get(1)), StandardCharsets.UTF_8);
        for (LoadedTensors read : List.of(Safetensors.read(FILE), Safetensors.read(Files.readAllBytes(FILE)))) {
            Tensor tensor = read.tensor(name);
            assertThat(tensor.dtype().name()).isEqualTo(expected.get(2));
            assertThat(Arrays.toString(tensor.shape()).replaceAll("[\\[\\] ]", ""))
                    .isEqualTo(expected.get(3));
            assertThat(values(tensor)).isEqualTo(expected.get(4));
        }
    }

    @Test
    void writesTheSameBytesAsTheReference() throws IOException {
        LoadedTensors read = Safetensors.read(FILE);
        assertThat(read.tensors()).hasSize(39);
        assertThat(Safetensors.toBytes(read.tensors(), read.metadata())).isEqualTo(Files.readAllBytes(FILE));
    }
}
