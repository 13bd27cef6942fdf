package org.laco.io;

import com.google.common.collect.ImmutableMap;
import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.laco.base.Internal;

/**
 * What tells a model from every other without reading its weights: of its configuration and small files the SHA-256, of large ones the
 * SHA-256 of their first bytes, with the header of safetensors, their size and when they were changed last.
 */
@Internal
public final class CheckpointIdentity {
    private static final String SAFETENSORS = ".safetensors";

    /** As much of a file as is hashed. */
    private static final long FIRST = 1 << 20;

    private CheckpointIdentity() {}

    /**
     * Describes the files that the model is made of.
     *
     * @param checkpoint the model
     * @return the descriptions by the files' names
     * @throws IOException if a file can't be read
     */
    public static ImmutableMap<String, String> of(Checkpoint checkpoint) throws IOException {
        ImmutableMap.Builder<String, String> described = ImmutableMap.builder();
        List<Path> files = checkpoint.files().stream()
                .filter(Files::isRegularFile)
                .filter(file -> !(checkpoint instanceof HfCheckpoint) || isOfTheModel(name(file)))
                .sorted((one, other) -> name(one).compareTo(name(other)))
                .toList();
        for (Path file : files) {
            described.put(name(file), describe(file));
        }
        return described.buildOrThrow();
    }

    private static String name(Path file) {
        return file.getFileName().toString();
    }

    /** Other files of a Hugging Face checkpoint, such as a model card, change no score. */
    private static boolean isOfTheModel(String name) {
        return name.equals(ConfigFile.NAME) || name.endsWith(SAFETENSORS);
    }

    private static String describe(Path file) throws IOException {
        try (RandomAccessFile in = new RandomAccessFile(file.toFile(), "r")) {
            long size = in.length();
            long header = name(file).endsWith(SAFETENSORS) && size >= Long.BYTES
                    ? Math.max(0, Long.reverseBytes(in.readLong())) + Long.BYTES
                    : 0;
            in.seek(0);
            long hashed = Math.min(size, Math.max(FIRST, header));
            Hasher hasher = Hashing.sha256().newHasher();
            byte[] block = new byte[1 << 16];
            for (long left = hashed; left > 0; ) {
                int count = (int) Math.min(block.length, left);
                in.readFully(block, 0, count);
                hasher.putBytes(block, 0, count);
                left -= count;
            }
            String described = size + " bytes, sha256 " + hasher.hash();
            return hashed == size
                    ? described
                    : described + " of the first " + hashed + ", changed " + Files.getLastModifiedTime(file);
        }
    }
}
