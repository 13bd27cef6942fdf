package org.laco.output;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.collect.ImmutableMap;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OutputDirectoryTest {
    @TempDir
    Path directory;

    private Path source;

    @BeforeEach
    void makeASource() throws IOException {
        source = Files.createDirectory(directory.resolve("source"));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void writesFilesThatAreAsOpenAsTheMaskSaysAndReplacesOldOnes() throws IOException {
        Path place = directory.resolve("a/b");
        try (OutputDirectory output = OutputDirectory.open(place, source)) {
            output.write(ImmutableMap.of("one", bytes("1"), "two", bytes("old")));
            output.write(ImmutableMap.of("two", bytes("2")));
        }
        try (Stream<Path> files = Files.list(place)) {
            assertThat(files.map(file -> file.getFileName().toString())).containsExactlyInAnyOrder("one", "two");
        }
        assertThat(place.resolve("two")).hasContent("2");
        assertThat(Files.getPosixFilePermissions(place.resolve("one")))
                .isEqualTo(Files.getPosixFilePermissions(Files.createFile(directory.resolve("by mask"))));
    }

    @Test
    void writesNoneOfItsFilesIfOneCannotBeWritten() throws IOException {
        Path place = Files.createDirectory(directory.resolve("out"));
        Files.createDirectories(place.resolve("sub"));
        try (OutputDirectory output = OutputDirectory.open(place, source)) {
            assertThatThrownBy(() -> output.write(ImmutableMap.of("one", bytes("1"), "sub", bytes("2"))))
                    .isInstanceOf(IOException.class)
                    .hasMessage(place.resolve("sub") + " can't be written: it is a directory");
        }
        try (Stream<Path> files = Files.list(place)) {
            assertThat(files).containsExactly(place.resolve("sub"));
        }
    }

    @Test
    void leavesNothingIfNothingWasWritten() throws IOException {
        OutputDirectory.open(directory.resolve("a/b"), source).close();
        assertThat(directory.resolve("a")).doesNotExist();
        assertThat(directory).exists();
    }

    @Test
    void refusesTheSourceAndWhatIsInsideIt() throws IOException {
        Path link = Files.createSymbolicLink(directory.resolve("link"), source);
        for (Path place : new Path[] {source, source.resolve("out/further"), link.resolve("out")}) {
            assertThatThrownBy(() -> OutputDirectory.open(place, source))
                    .isInstanceOf(IOException.class)
                    .hasMessage(place + " overlaps the input " + source + ": choose a directory beside it");
        }
        assertThat(source).isEmptyDirectory();
    }

    @Test
    void refusesAPlaceBelowAFile() throws IOException {
        Path file = Files.writeString(directory.resolve("file"), "");
        Path place = file.resolve("out");
        assertThatThrownBy(() -> OutputDirectory.open(place, source))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith(place + " can't be made: ");
    }
}
