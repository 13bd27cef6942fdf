package org.laco.io.safetensors;

/**
 * A file that was written and forced to disk.
 *
 * @param name the name in its directory
 * @param bytes the size
 * @param sha256 the SHA-256 of its content in lower-case hexadecimal
 */
public record WrittenFile(String name, long bytes, String sha256) {}
