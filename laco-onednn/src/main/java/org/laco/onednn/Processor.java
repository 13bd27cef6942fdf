package org.laco.onednn;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * The processor as Linux describes it, for what oneDNN doesn't tell: which of two ways is faster.
 *
 * @param description the file that describes it
 */
record Processor(Path description) {
    static Processor ofThisMachine() {
        return new Processor(Path.of("/proc/cpuinfo"));
    }

    /** Tells whether AMD made it; false where that isn't known. */
    boolean isAmd() {
        try (Stream<String> lines = Files.lines(description, StandardCharsets.ISO_8859_1)) {
            return lines.anyMatch(line -> line.startsWith("vendor_id") && line.endsWith("AuthenticAMD"));
        } catch (IOException e) {
            return false;
        }
    }
}
