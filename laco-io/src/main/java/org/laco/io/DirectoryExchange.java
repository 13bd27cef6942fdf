package org.laco.io;

import com.sun.jna.Function;
import com.sun.jna.NativeLibrary;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives two directories each other's names in one step, where the system can: by Linux's {@code renameat2} with {@code
 * RENAME_EXCHANGE}, which the JDK has no method for.
 *
 * <p>JNA, which comes with the tokenizer's library, calls it. Without JNA, on another system, with an older C library, or on a file
 * system that can't do it, such as NFS, nothing is exchanged.
 */
final class DirectoryExchange {
    private static final Logger LOGGER = LoggerFactory.getLogger(DirectoryExchange.class);

    /** As in {@code fcntl.h} and {@code stdio.h}: names are looked up from the working directory, and exchanged. */
    private static final int AT_FDCWD = -100;

    private static final int RENAME_EXCHANGE = 2;

    private DirectoryExchange() {}

    /** Returns whether the two were exchanged; nothing was changed if not. */
    static boolean exchange(Path one, Path other) {
        if (!System.getProperty("os.name").equals("Linux")) {
            return false;
        }
        try {
            Function rename = NativeLibrary.getProcess().getFunction("renameat2");
            Object[] arguments = {AT_FDCWD, name(one), AT_FDCWD, name(other), RENAME_EXCHANGE};
            return rename.invokeInt(arguments) == 0;
        } catch (LinkageError | RuntimeException e) {
            LOGGER.debug("not exchanged", e);
            return false;
        }
    }

    /** The name's bytes as the system has them, ended by a zero: an address has each of them, whatever the locale says. */
    private static byte[] name(Path path) {
        byte[] address = path.toAbsolutePath().toUri().getRawPath().getBytes(StandardCharsets.US_ASCII);
        ByteArrayOutputStream name = new ByteArrayOutputStream();
        for (int i = 0; i < address.length; i++) {
            if (address[i] == '%') {
                name.write(Integer.parseInt(new String(address, i + 1, 2, StandardCharsets.US_ASCII), 16));
                i += 2;
            } else {
                name.write(address[i]);
            }
        }
        name.write(0);
        return name.toByteArray();
    }
}
