package org.laco.cli.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;

/** The most memory that this process has held, mapped files included. */
public final class PeakMemory {
    private static final String KEY = "VmHWM:";

    private PeakMemory() {}

    /**
     * Reads it, where the system tells it.
     *
     * @return bytes, or nothing
     */
    public static OptionalLong bytes() {
        Path status = Path.of("/proc/self/status");
        if (!Files.isReadable(status)) {
            return OptionalLong.empty();
        }
        try {
            return Files.readAllLines(status).stream()
                    .filter(line -> line.startsWith(KEY))
                    .mapToLong(line -> 1024
                            * Long.parseLong(line.substring(KEY.length())
                                    .replace("kB", "")
                                    .trim()))
                    .findFirst();
        } catch (IOException e) {
            return OptionalLong.empty();
        }
    }
}
