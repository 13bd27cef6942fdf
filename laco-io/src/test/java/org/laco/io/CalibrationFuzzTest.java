package org.laco.io;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.DictionaryEntries;
import com.code_intelligence.jazzer.junit.FuzzTest;
import com.google.common.primitives.Ints;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.provider.MethodSource;
import org.laco.stack.Calibration;

class CalibrationFuzzTest {
    @TempDir
    static Path directory;

    private static HfCheckpoint checkpoint;

    @BeforeAll
    static void open() throws IOException {
        checkpoint = WordCheckpoint.open(directory);
    }

    @AfterAll
    static void close() {
        checkpoint.close();
    }

    static Stream<byte[]> files() {
        return Stream.of(
                        "the capital\n\nof the model\n",
                        "{\"text\":\"the capital\"}\n{\"input_ids\":[1,2,3]}\n",
                        "\ufeff{\"input_ids\":[0]}",
                        "\r\n  {\"text\": \"\"}")
                .map(text -> text.getBytes(StandardCharsets.UTF_8));
    }

    @DictionaryEntries({"{\"text\":\"", "{\"input_ids\":[", "2147483648", "-1", "1.0", "\ufeff"})
    @MethodSource("files")
    @FuzzTest
    void holdsSequencesOrIsRefusedInOneSentence(byte[] input) throws IOException {
        Path file = Files.write(directory.resolve("calibration.txt"), input);
        try {
            Calibration read = CalibrationFile.read(file, checkpoint);
            assertThat(read.isTokens()).isTrue();
            assertThat(read.layout().count()).isPositive();
            for (int i = 0; i < read.layout().count(); i++) {
                assertThat(read.tokens(i)).isNotEmpty().satisfies(ids -> assertThat(Ints.min(ids))
                        .isNotNegative());
            }
        } catch (IOException e) {
            assertThat(e.getMessage()).startsWith(file.toString());
        }
    }
}
