package org.laco.io;

import com.google.common.collect.ImmutableMap;
import com.google.common.hash.Hashing;
import com.google.common.io.MoreFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The SHA-256 of files by name, in the order of the names.
 *
 * @param hashes lower-case hexadecimal digests
 */
record FileHashes(ImmutableMap<String, String> hashes) {
    /** Hashes files, whose names are told apart by the last part of their paths. */
    static FileHashes of(Iterable<Path> files) throws IOException {
        List<Path> sorted = new ArrayList<>();
        files.forEach(sorted::add);
        sorted.sort((one, other) ->
                one.getFileName().toString().compareTo(other.getFileName().toString()));
        ImmutableMap.Builder<String, String> hashes = ImmutableMap.builder();
        for (Path file : sorted) {
            if (Files.isRegularFile(file)) {
                hashes.put(
                        file.getFileName().toString(),
                        MoreFiles.asByteSource(file).hash(Hashing.sha256()).toString());
            }
        }
        return new FileHashes(hashes.buildOrThrow());
    }
}
