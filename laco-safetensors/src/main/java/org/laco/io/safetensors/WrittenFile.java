package org.laco.io.safetensors;

import java.util.Optional;

/**
 * A file that was written and forced to disk.
 *
 * @param name the name in its directory
 * @param bytes the size
 * @param sha256 the SHA-256 of its content in lower-case hexadecimal, if it was to be computed
 */
public record WrittenFile(String name, long bytes, Optional<String> sha256) {}
