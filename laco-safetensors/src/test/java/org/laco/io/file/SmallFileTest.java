package org.laco.io.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SmallFileTest {
    @TempDir
    Path directory;

    private void refuses(Path file, String problem) {
        assertThatThrownBy(() -> SmallFile.read(file, 100))
                .isInstanceOf(IOException.class)
                .hasMessage(file + problem);
    }

    private Path pipe() throws Exception {
        Path pipe = directory.resolve("pipe");
        assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor())
                .isZero();
        return pipe;
    }

    @Test
    void readsAFileAndWhatALinkLeadsTo() throws IOException {
        Path file = Files.writeString(directory.resolve("file"), "text");
        Path link = Files.createSymbolicLink(directory.resolve("link"), file);
        assertThat(SmallFile.read(link, 4).text()).isEqualTo("text");
        // printf text | sha256sum
        assertThat(SmallFile.read(file, 4).sha256())
                .isEqualTo("982d9e3eb996f559e633f4d194def3761d909f5a3b647d1a851fead67c32c9d1");
    }

    @Test
    void refusesWhatIsNoRegularFileWithoutOpeningIt() throws Exception {
        refuses(pipe(), " is a pipe, expected a regular file");
        refuses(directory, " is a directory, expected a file");
        refuses(Path.of("/dev/zero"), " is a device, expected a regular file");
        Path link = Files.createSymbolicLink(directory.resolve("zero"), Path.of("/dev/zero"));
        refuses(link, " is a device, expected a regular file");
        refuses(directory.resolve("nothing"), " is missing");
    }

    @Test
    void refusesAFileOfHolesByItsSize() throws IOException {
        Path file = directory.resolve("sparse");
        try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
            sparse.setLength(3_000L << 20);
        }
        refuses(file, " has 3,145,728,000 bytes, expected at most 100 bytes of such a file");
    }

    @Test
    void readsAPipeThatAUserNames() throws Exception {
        Path pipe = pipe();
        Process writer = new ProcessBuilder("sh", "-c", "printf text > \"$1\"", "sh", pipe.toString()).start();
        assertThat(SmallFile.readGiven(pipe, 4).text()).isEqualTo("text");
        assertThat(writer.waitFor()).isZero();
    }

    @Test
    void stopsAtTheEndOfItsPatienceWithAPipe() throws Exception {
        Path pipe = pipe();
        Process writer = new ProcessBuilder("sh", "-c", "cat /dev/zero > \"$1\"", "sh", pipe.toString()).start();
        assertThatThrownBy(() -> SmallFile.readGiven(pipe, 1_000_000))
                .isInstanceOf(IOException.class)
                .hasMessage(pipe + " has more, expected at most 1,000,000 bytes of such a file");
        assertThat(writer.waitFor()).isNotZero();
    }

    @Test
    void namesAFileThatIsNotText() throws IOException {
        Path file = Files.write(directory.resolve("file"), new byte[] {(byte) 0xe4});
        assertThatThrownBy(() -> SmallFile.read(file, 100).text()).hasMessage(file + ": not valid UTF-8");
    }
}
