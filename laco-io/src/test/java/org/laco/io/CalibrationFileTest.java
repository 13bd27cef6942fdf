package org.laco.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.laco.stack.Calibration;

class CalibrationFileTest {
    @TempDir
    Path directory;

    private Calibration read(String content) throws IOException {
        Path file = Files.writeString(directory.resolve("calibration"), content);
        try (HfCheckpoint checkpoint =
                HfCheckpoint.open(Fixture.root().resolve("llama").resolve("model"))) {
            return CalibrationFile.read(file, checkpoint);
        }
    }

    @Test
    void readsTokenIdsWithoutATokenizer() throws IOException {
        Calibration calibration = read("\n{\"input_ids\": [1, 2, 3]}\n\n{\"input_ids\": [4]}\n");
        assertThat(calibration.layout().count()).isEqualTo(2);
        assertThat(calibration.tokens(0)).containsExactly(1, 2, 3);
        assertThat(calibration.tokens(1)).containsExactly(4);
    }

    @Test
    void namesTheLineThatIsNoSequence() {
        Path file = directory.resolve("calibration");
        assertThatThrownBy(() -> read("{\"input_ids\": [1]}\n{\"ids\": [1]}"))
                .hasMessage(file + ", line 2: expected {\"text\": …} or {\"input_ids\": […]}");
        assertThatThrownBy(() -> read("{\"input_ids\": [-1]}")).hasMessage(file + ", line 1: -1 is not a token id");
        assertThatThrownBy(() -> read("{\"input_ids\": []}")).hasMessage(file + ", line 1: the sequence has no tokens");
        assertThatThrownBy(() -> read("{\"input_ids\": [1}"))
                .hasMessageStartingWith(file + ", line 1: not valid JSON, ");
        assertThatThrownBy(() -> read(" \n"))
                .hasMessage(file + ": the calibration is empty: it needs at least one sequence");
    }

    @Test
    void refusesBytesThatAreNoText() throws IOException {
        Path file = Files.write(directory.resolve("calibration"), new byte[] {(byte) 0xff, (byte) 0xfe});
        assertThatThrownBy(() -> CalibrationFile.read(file, null)).hasMessage(file + ": not valid UTF-8");
        Path absent = directory.resolve("absent");
        assertThatThrownBy(() -> CalibrationFile.read(absent, null)).hasMessage(absent + " is missing");
    }
}
