package org.laco.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.hash.HashCode;
import com.google.common.hash.Hashing;
import com.google.common.io.MoreFiles;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/** A copy of a fixture's checkpoint that a test may damage: 8 layers of the Llama family, 320 token ids, no tokenizer. */
public record TinyCheckpoint(Path directory) {
    private static final ObjectMapper JSON = new ObjectMapper();

    public static TinyCheckpoint copyTo(Path directory) throws IOException {
        return copy("llama", directory);
    }

    public static TinyCheckpoint copy(String fixture, Path directory) throws IOException {
        Path source = Path.of("../laco-io/src/test/resources/fixtures", fixture, "model");
        Files.createDirectories(directory);
        try (Stream<Path> files = Files.list(source)) {
            for (Path file : files.toList()) {
                Files.copy(file, directory.resolve(file.getFileName()));
            }
        }
        return new TinyCheckpoint(directory);
    }

    public Path weights() {
        return directory.resolve("model.safetensors");
    }

    public Path config() {
        return directory.resolve("config.json");
    }

    /** Writes two calibration sequences of token ids. */
    public Path calibration() throws IOException {
        return calibration("{\"input_ids\": [1, 17, 200, 5, 9]}\n{\"input_ids\": [1, 44, 45]}\n");
    }

    public Path calibration(String content) throws IOException {
        return Files.writeString(directory.resolveSibling("calibration.jsonl"), content);
    }

    public void changeConfig(UnaryOperator<ObjectNode> change) throws IOException {
        ObjectNode node = (ObjectNode) JSON.readTree(config().toFile());
        Files.writeString(config(), change.apply(node).toString());
    }

    /** Changes the text of the weights' header and the length in front of it, leaving the data as they are. */
    public void changeHeader(UnaryOperator<String> change) throws IOException {
        byte[] bytes = Files.readAllBytes(weights());
        int length = Math.toIntExact(
                ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong());
        byte[] header = change.apply(new String(bytes, 8, length, StandardCharsets.UTF_8))
                .getBytes(StandardCharsets.UTF_8);
        ByteBuffer changed = ByteBuffer.allocate(8 + header.length + bytes.length - 8 - length)
                .order(ByteOrder.LITTLE_ENDIAN);
        changed.putLong(header.length).put(header).put(bytes, 8 + length, bytes.length - 8 - length);
        Files.write(weights(), changed.array());
    }

    /** Changes what the header says about one tensor. */
    public void changeTensor(String name, UnaryOperator<ObjectNode> change) throws IOException {
        changeHeader(text -> {
            try {
                ObjectNode header = (ObjectNode) JSON.readTree(text);
                header.set(name, change.apply((ObjectNode) header.get(name)));
                return header.toString();
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
    }

    /** Adds a tensor of bytes that takes no room on the disk. */
    public void appendSparse(String name, long bytes) throws IOException {
        long[] end = {0};
        changeHeader(text -> {
            try {
                ObjectNode header = (ObjectNode) JSON.readTree(text);
                header.forEach(tensor -> end[0] =
                        Math.max(end[0], tensor.path("data_offsets").path(1).asLong()));
                ObjectNode added = header.putObject(name).put("dtype", "U8");
                added.putArray("shape").add(bytes);
                added.putArray("data_offsets").add(end[0]).add(end[0] + bytes);
                return header.toString();
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
        try (RandomAccessFile file = new RandomAccessFile(weights().toFile(), "rw")) {
            file.setLength(file.length() + bytes);
        }
    }

    /** The SHA-256 of every file by name. */
    public static TreeMap<String, HashCode> hashes(Path directory) throws IOException {
        TreeMap<String, HashCode> hashes = new TreeMap<>();
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                hashes.put(
                        file.getFileName().toString(),
                        MoreFiles.asByteSource(file).hash(Hashing.sha256()));
            }
        }
        return hashes;
    }
}
