package org.laco.io.safetensors;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.DictionaryEntries;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.provider.MethodSource;

/** Files of any header: its text is the input after the first byte, which says how many bytes of data follow the header. */
class HeaderFuzzTest {
    @TempDir
    static Path directory;

    static Stream<byte[]> headers() {
        return Stream.of(
                        "@{}",
                        "P{\"a\":{\"dtype\":\"F32\",\"shape\":[2,2],\"data_offsets\":[0,16]}}",
                        "H{\"__metadata__\":{\"format\":\"pt\"},\"b\":{\"dtype\":\"BF16\",\"shape\":[],\"data_offsets\":[0,2]},"
                                + "\"c\":{\"dtype\":\"I8\",\"shape\":[6,1],\"data_offsets\":[2,8]}}  ",
                        "B{\"d\":{\"dtype\":\"F4\",\"shape\":[4],\"data_offsets\":[0,2]},"
                                + "\"e\":{\"dtype\":\"F64\",\"shape\":[0],\"data_offsets\":[2,2]}}")
                .map(header -> header.getBytes(StandardCharsets.UTF_8));
    }

    @DictionaryEntries({
        "\"dtype\":\"",
        "\"shape\":[",
        "\"data_offsets\":[",
        "\"__metadata__\":{",
        "F16",
        "BF16",
        "F8_E4M3",
        "U64",
        "BOOL",
        "9223372036854775807",
        "4294967296",
        "\\ud800",
        "\\u0000"
    })
    @MethodSource("headers")
    @FuzzTest
    void isReadOrRefusedInOneSentence(byte[] input) throws IOException {
        if (input.length == 0) {
            return;
        }
        Path file = RawFile.write(
                directory.resolve("model.safetensors"),
                RawFile.of(Arrays.copyOfRange(input, 1, input.length), new int[input[0] & 63]));
        try (SafetensorsFile opened = SafetensorsFile.open(file)) {
            long total = 0;
            for (MappedTensor tensor : opened.tensors()) {
                ByteArrayOutputStream bytes = new ByteArrayOutputStream();
                tensor.writeTo(Channels.newChannel(bytes));
                assertThat(bytes.size()).as(tensor.name()).isEqualTo((int) tensor.byteLength());
                assertThat(tensor.length() * tensor.dtype().bits())
                        .as("%s's elements fill its bytes", tensor.name())
                        .isEqualTo(8 * tensor.byteLength());
                total += tensor.byteLength();
            }
            assertThat(total).as("every byte belongs to one tensor").isEqualTo(input[0] & 63);
        } catch (SafetensorsException e) {
            assertThat(e.getMessage()).startsWith(file + ": ");
        }
    }
}
