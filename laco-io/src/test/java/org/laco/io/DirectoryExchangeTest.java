package org.laco.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DirectoryExchangeTest {
    @TempDir
    Path directory;

    private Path make(String name, String content) throws IOException {
        Path made = Files.createDirectory(directory.resolve(name));
        Files.writeString(made.resolve("content"), content);
        return made;
    }

    @Test
    void givesEachDirectoryTheNameOfTheOther() throws IOException {
        Path one = make("one", "first");
        Path other = make("with space, %41 and é", "second");
        assumeThat(DirectoryExchange.exchange(one, other))
                .as("not every system and file system exchanges names")
                .isTrue();
        assertThat(one.resolve("content")).hasContent("second");
        assertThat(other.resolve("content")).hasContent("first");
    }

    @Test
    void changesNothingWhereOneOfThemIsMissing() throws IOException {
        Path one = make("one", "first");
        assertThat(DirectoryExchange.exchange(one, directory.resolve("nothing")))
                .isFalse();
        assertThat(one.resolve("content")).hasContent("first");
        assertThat(directory.resolve("nothing")).doesNotExist();
    }
}
