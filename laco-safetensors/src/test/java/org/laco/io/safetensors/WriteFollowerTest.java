package org.laco.io.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(20)
class WriteFollowerTest {
    /** SHA-256 of a million letters a, from the examples of FIPS 180-2. */
    private static final String MILLION_LETTERS = "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0";

    @TempDir
    Path directory;

    private Path path;

    @BeforeEach
    void makeTheFile() throws IOException {
        path = Files.createFile(directory.resolve("a"));
    }

    @Test
    void hashesWhatIsWrittenPieceByPiece() throws IOException {
        try (WriteFollower follower = WriteFollower.of(path, true);
                FileChannel file = FileChannel.open(path, StandardOpenOption.WRITE)) {
            byte[] piece = "a".repeat(1000).getBytes(StandardCharsets.US_ASCII);
            for (int written = 0; written < 1_000_000; written += piece.length) {
                file.write(ByteBuffer.wrap(piece));
                follower.advanceTo(written + piece.length);
            }

            assertThat(follower.finish()).hasValue(MILLION_LETTERS);
        }
    }

    @Test
    void hashesNothing() throws IOException {
        try (WriteFollower follower = WriteFollower.of(path, true)) {
            assertThat(follower.finish()).hasValue("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        }
    }

    @Test
    void readsNothingIfNoHashIsWanted() throws IOException {
        try (WriteFollower follower = WriteFollower.of(path, false)) {
            follower.advanceTo(Long.MAX_VALUE);

            assertThat(follower.finish()).isEmpty();
        }
    }

    @Test
    void saysIfTheFileHasLessThanWasWritten() throws IOException {
        try (WriteFollower follower = WriteFollower.of(path, true)) {
            follower.advanceTo(5);

            assertThatThrownBy(follower::finish)
                    .isInstanceOf(IOException.class)
                    .hasMessage(path + " can't be read and forced to disk while it is written: it was cut to 0 bytes");
        }
    }

    @Test
    void letsGoOfAFileWhoseHashNobodyWants() {
        WriteFollower follower = WriteFollower.of(path, true);
        follower.advanceTo(Long.MAX_VALUE);

        follower.close();

        assertThat(path).satisfies(Files::delete);
    }
}
