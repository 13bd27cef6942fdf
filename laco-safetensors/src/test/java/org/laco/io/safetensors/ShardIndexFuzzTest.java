package org.laco.io.safetensors;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.DictionaryEntries;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.provider.MethodSource;

class ShardIndexFuzzTest {
    @TempDir
    static Path directory;

    static Stream<byte[]> indexes() {
        return Stream.of(
                        "{\"metadata\":{\"total_size\":8},\"weight_map\":{\"a\":\"model-00001-of-00002.safetensors\","
                                + "\"b\":\"model-00002-of-00002.safetensors\"}}",
                        "{\"weight_map\":{\"a\":\"../a\"}}",
                        "{\"weight_map\":{}}",
                        "version https://git-lfs.github.com/spec/v1")
                .map(index -> index.getBytes(StandardCharsets.UTF_8));
    }

    @DictionaryEntries({"\"weight_map\":{", "\"metadata\":", "..", "\\\\", "C:", "\\u0000", "\\ud800"})
    @MethodSource("indexes")
    @FuzzTest
    void namesFilesOfItsDirectoryOrIsRefused(byte[] input) throws IOException {
        Path file = RawFile.write(directory.resolve(ShardIndex.FILE_NAME), input);
        try {
            assertThat(ShardIndex.read(file).values()).isNotEmpty().allSatisfy(name -> {
                assertThat(directory.resolve(name).normalize().getParent()).isEqualTo(directory);
                assertThat(name)
                        .isNotEmpty()
                        .doesNotContain("/", "\\", ":", "\0")
                        .isNotIn(".", "..");
            });
        } catch (SafetensorsException e) {
            assertThat(e.getMessage()).startsWith(file + ": ");
        }
    }
}
