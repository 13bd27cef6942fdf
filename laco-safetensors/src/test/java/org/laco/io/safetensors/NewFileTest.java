package org.laco.io.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NewFileTest {
    @TempDir
    Path directory;

    private Stream<Path> files() throws IOException {
        return Files.list(directory);
    }

    @Test
    void givesNoFileThatAppearedMeanwhileAway() throws IOException {
        Path file = directory.resolve("a");
        assertThatThrownBy(() -> NewFile.at(file).write(temporary -> {
                    Files.writeString(temporary, "ours");
                    Files.writeString(file, "theirs");
                }))
                .isInstanceOf(SafetensorsException.class)
                .hasMessage(file + ": the file exists and is not overwritten");
        try (Stream<Path> files = files()) {
            assertThat(files).containsExactly(file);
        }
        assertThat(file).hasContent("theirs");
    }

    @Test
    void leavesTheOldFileWholeWhenWritingFails() throws IOException {
        Path file = Files.writeString(directory.resolve("a"), "old");
        assertThatThrownBy(() -> NewFile.replacing(file).write(temporary -> {
                    Files.writeString(temporary, "half");
                    throw new IOException(temporary + ": No space left on device");
                }))
                .isInstanceOf(SafetensorsException.class)
                .hasMessage(file + ": the file can't be written: No space left on device");
        try (Stream<Path> files = files()) {
            assertThat(files).containsExactly(file);
        }
        assertThat(file).hasContent("old");
    }
}
