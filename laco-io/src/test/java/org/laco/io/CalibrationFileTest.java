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

    private Calibration readText(String content) throws IOException {
        Path file = Files.writeString(directory.resolve("calibration"), content);
        try (HfCheckpoint checkpoint =
                HfCheckpoint.open(Fixture.root().resolve("gpt2").resolve("model"))) {
            return CalibrationFile.read(file, checkpoint);
        }
    }

    private void assertSame(Calibration one, Calibration other) {
        assertThat(one.layout().count()).isEqualTo(other.layout().count());
        for (int i = 0; i < one.layout().count(); i++) {
            assertThat(one.tokens(i)).containsExactly(other.tokens(i));
        }
    }

    @Test
    void passesOverAByteOrderMark() throws IOException {
        assertSame(readText("\uFEFF{\"text\": \"a b\"}\n"), readText("{\"text\": \"a b\"}\n"));
        assertSame(readText("\uFEFFa b\nc"), readText("a b\nc"));
        Path file = Files.writeString(directory.resolve("text"), "\uFEFFa b c d e f");
        try (HfCheckpoint checkpoint =
                HfCheckpoint.open(Fixture.root().resolve("gpt2").resolve("model"))) {
            Calibration marked = CalibrationFile.windows(file, checkpoint, 2, 100);
            Files.writeString(file, "a b c d e f");
            assertSame(marked, CalibrationFile.windows(file, checkpoint, 2, 100));
        }
    }

    @Test
    void refusesAnArrayThatWouldPassForText() {
        String message = directory.resolve("calibration")
                + " holds a JSON array, expected JSON lines: one object a line, such as {\"text\": …}";
        assertThatThrownBy(() -> readText("[{\"text\": \"a\"}, {\"text\": \"b\"}]"))
                .hasMessage(message);
        assertThatThrownBy(() -> readText("\uFEFF[\n  {\n    \"text\": \"a\"\n  }\n]\n"))
                .hasMessage(message);
        assertThatThrownBy(() -> readText("[\"a\", \"b\"]")).hasMessage(message);
        assertThatThrownBy(() -> readText("\n[1, 2]\n\n[3]\n")).hasMessage(message);
    }

    @Test
    void takesTextInBracketsForText() throws IOException {
        assertThat(readText("[1] a b\nc").layout().count()).isEqualTo(2);
        assertThat(readText("[1]\nc").layout().count()).isEqualTo(2);
    }

    @Test
    void refusesMoreTokensThanTheModelHasLearnedPositionsFor() throws IOException {
        Path file = directory.resolve("calibration");
        String ids = "0, ".repeat(64) + "0";
        assertThatThrownBy(() -> readText("{\"input_ids\": [0]}\n{\"input_ids\": [" + ids + "]}"))
                .hasMessage(
                        file
                                + ", line 2: the sequence has 65 tokens, but the model takes at most 64, as many positions as it has learned");
        try (HfCheckpoint checkpoint =
                HfCheckpoint.open(Fixture.root().resolve("gpt2").resolve("model"))) {
            assertThatThrownBy(() -> CalibrationFile.windows(file, checkpoint, 65, 1000))
                    .hasMessage(
                            "a window has 65 tokens, but the model takes at most 64, as many positions as it has learned");
        }
    }
}
