package org.laco.cli.option;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.laco.io.file.SmallFile;

/** What is said of a file that figures depend on: its name, and a hash that tells it from others of that name. */
public final class DescribedFile {
    private static final int MAX_BYTES = 128_000_000;

    private DescribedFile() {}

    /**
     * Describes a file that was read already.
     *
     * @param name its name
     * @param sha256 its SHA-256 in hexadecimal digits
     * @return the name with the first digits
     */
    public static String of(String name, String sha256) {
        return name + " (sha256 " + sha256.substring(0, 12) + ")";
    }

    static String of(Path file) throws IOException {
        return of(file.getFileName().toString(), SmallFile.read(file, MAX_BYTES).sha256());
    }

    static String of(List<Path> files) throws IOException {
        List<String> described = new ArrayList<>();
        for (Path file : files) {
            described.add(of(file));
        }
        return String.join(", ", described);
    }
}
