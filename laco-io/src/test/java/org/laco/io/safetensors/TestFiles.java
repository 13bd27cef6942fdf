package org.laco.io.safetensors;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Files of headers written by hand, and what only the package that reads them can do. */
public final class TestFiles {
    private TestFiles() {}

    /** Writes a header with its length in front, then the data. */
    public static Path write(Path file, String header, int... data) throws IOException {
        byte[] json = header.getBytes(StandardCharsets.UTF_8);
        ByteBuffer bytes = ByteBuffer.allocate(Long.BYTES + json.length + data.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(json.length)
                .put(json);
        for (int value : data) {
            bytes.put((byte) value);
        }
        return Files.write(file, bytes.array());
    }

    /** Opens a file with mappings of so few bytes that tensors are cut. */
    public static SafetensorsFile open(Path file, int maxMapping) throws IOException {
        return SafetensorsFile.open(file, maxMapping);
    }

    /** Cuts a file, perhaps while it is open. */
    public static void truncate(Path file, long bytes) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.truncate(bytes);
        }
    }
}
