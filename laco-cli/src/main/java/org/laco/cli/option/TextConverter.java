package org.laco.cli.option;

import com.google.common.io.ByteStreams;
import com.google.common.io.MoreFiles;
import com.google.common.io.RecursiveDeleteOption;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine.ITypeConverter;

/**
 * Takes {@code -} for standard input, whose content is put into a file of its own before the command runs: a text may be read more than
 * once, for a hash and for tokens, and by several options.
 */
public final class TextConverter implements ITypeConverter<Path>, AutoCloseable {
    /** What errors and records call it. */
    public static final String NAME = "standard input";

    /** As much as is read of a text file. */
    private static final long MAX_BYTES = 128_000_000;

    private final InputStream input;
    private Optional<Path> file = Optional.empty();

    /**
     * Makes a converter for one command line.
     *
     * @param input standard input, of which nothing is read unless an option asks for it
     */
    public TextConverter(InputStream input) {
        this.input = input;
    }

    @Override
    public Path convert(String value) throws IOException {
        if (!value.equals("-")) {
            return Path.of(value);
        }
        if (file.isEmpty()) {
            // For no eyes but the user's.
            file = Optional.of(Files.createTempDirectory("laco").resolve(NAME));
        }
        return file.get();
    }

    /**
     * Reads standard input to its end, if an option asks for it.
     *
     * @throws IOException if it can't be read or kept, or has more than 128 MB
     */
    public void read() throws IOException {
        if (file.isEmpty()) {
            return;
        }
        try (OutputStream out = Files.newOutputStream(file.get())) {
            if (ByteStreams.copy(ByteStreams.limit(input, MAX_BYTES + 1), out) > MAX_BYTES) {
                throw new IOException(String.format(
                        Locale.ROOT, "%s has more, expected at most %,d bytes of a text", NAME, MAX_BYTES));
            }
        }
    }

    /**
     * Says of a message what the user knows the file as.
     *
     * @param message the message
     * @return the message with the name in the place of the file
     */
    public String withName(String message) {
        return file.map(kept -> message.replace(kept.toString(), NAME)).orElse(message);
    }

    /** Removes what was kept. */
    @Override
    public void close() throws IOException {
        if (file.isPresent()) {
            MoreFiles.deleteRecursively(file.get().getParent(), RecursiveDeleteOption.ALLOW_INSECURE);
        }
    }
}
