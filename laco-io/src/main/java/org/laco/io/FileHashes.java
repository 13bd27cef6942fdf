package org.laco.io;

import com.google.common.collect.ImmutableMap;
import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongConsumer;

/**
 * The SHA-256 of files by name, in the order of the names.
 *
 * @param hashes lower-case hexadecimal digests
 */
record FileHashes(ImmutableMap<String, String> hashes) {
    private static final int BLOCK = 1 << 16;

    /** Hashes files, whose names are told apart by the last part of their paths. */
    static FileHashes of(Iterable<Path> files) throws IOException {
        return of(files, ImmutableMap.of());
    }

    /** Hashes files but those whose hashes are known by their names, which needn't be there any more. */
    static FileHashes of(Iterable<Path> files, Map<String, String> known) throws IOException {
        Map<String, String> hashes = new TreeMap<>(known);
        for (Path file : files) {
            String name = file.getFileName().toString();
            if (!known.containsKey(name) && Files.isRegularFile(file)) {
                hashes.put(name, hash(file));
            }
        }
        return new FileHashes(ImmutableMap.copyOf(hashes));
    }

    private static String hash(Path file) throws IOException {
        return hash(file, bytes -> {});
    }

    /** Hashes a file, and tells how many bytes each block had. */
    static String hash(Path file, LongConsumer bytes) throws IOException {
        Hasher hasher = Hashing.sha256().newHasher();
        byte[] block = new byte[BLOCK];
        try (InputStream in = Files.newInputStream(file)) {
            for (int count = in.read(block); count >= 0; count = in.read(block)) {
                hasher.putBytes(block, 0, count);
                bytes.accept(count);
            }
        }
        return hasher.hash().toString();
    }
}
