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
class FollowingHashTest {
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
        try (FollowingHash hash = FollowingHash.of(path);
                FileChannel file = FileChannel.open(path, StandardOpenOption.WRITE)) {
            byte[] piece = "a".repeat(1000).getBytes(StandardCharsets.US_ASCII);
            for (int written = 0; written < 1_000_000; written += piece.length) {
                file.write(ByteBuffer.wrap(piece));
                hash.advanceTo(written + piece.length);
            }

            assertThat(hash.finish()).isEqualTo(MILLION_LETTERS);
        }
    }

    @Test
    void hashesNothing() throws IOException {
        try (FollowingHash hash = FollowingHash.of(path)) {
            assertThat(hash.finish()).isEqualTo("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        }
    }

    @Test
    void saysIfTheFileHasLessThanWasWritten() throws IOException {
        try (FollowingHash hash = FollowingHash.of(path)) {
            hash.advanceTo(5);

            assertThatThrownBy(hash::finish)
                    .isInstanceOf(IOException.class)
                    .hasMessage(path + " can't be read while it is written: it was cut to 0 bytes");
        }
    }

    @Test
    void letsGoOfAFileWhoseHashNobodyWants() {
        FollowingHash hash = FollowingHash.of(path);
        hash.advanceTo(Long.MAX_VALUE);

        hash.close();

        assertThat(path).satisfies(Files::delete);
    }
}
