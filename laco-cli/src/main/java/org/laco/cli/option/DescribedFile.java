package org.laco.cli.option;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.laco.io.file.SmallFile;

/** What is said of a file that figures depend on: its name, and a hash that tells it from others of that name. */
final class DescribedFile {
    private static final int MAX_BYTES = 128_000_000;

    private DescribedFile() {}

    static String of(Path file) throws IOException {
        return file.getFileName() + " (sha256 "
                + SmallFile.read(file, MAX_BYTES).sha256().substring(0, 12) + ")";
    }

    static String of(List<Path> files) throws IOException {
        List<String> described = new ArrayList<>();
        for (Path file : files) {
            described.add(of(file));
        }
        return String.join(", ", described);
    }
}
