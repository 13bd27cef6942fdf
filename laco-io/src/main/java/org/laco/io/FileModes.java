package org.laco.io;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What others may do with the files of a checkpoint: a model that its owner keeps to himself doesn't become public by a collapse.
 *
 * <p>A new file is open to those to whom the user's mask opens it, and of them only to those to whom the original's file of the same
 * name is open, or, where there is none, each file of the original's weights.
 */
final class FileModes {
    private static final Set<PosixFilePermission> OWNERS = EnumSet.of(
            PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE, PosixFilePermission.OWNER_EXECUTE);

    private final Set<PosixFilePermission> directory;
    private final Map<String, Set<PosixFilePermission>> byName;
    private final Set<PosixFilePermission> common;

    private FileModes(
            Set<PosixFilePermission> directory,
            Map<String, Set<PosixFilePermission>> byName,
            Set<PosixFilePermission> common) {
        this.directory = directory;
        this.byName = byName;
        this.common = common;
    }

    /** Reads the modes of an original; one without a place, or on a file system without modes, restricts nothing. */
    static FileModes of(Checkpoint original) throws IOException {
        Set<PosixFilePermission> directory = EnumSet.allOf(PosixFilePermission.class);
        Set<PosixFilePermission> common = EnumSet.allOf(PosixFilePermission.class);
        Map<String, Set<PosixFilePermission>> byName = new HashMap<>();
        Optional<Path> location = original.location();
        if (location.isPresent() && Files.isDirectory(location.get())) {
            directory = mode(location.get()).orElse(directory);
        }
        List<Path> files = original.files();
        boolean safetensors = files.stream().anyMatch(FileModes::isSafetensors);
        for (Path file : files) {
            Optional<Set<PosixFilePermission>> mode = Files.isRegularFile(file) ? mode(file) : Optional.empty();
            if (mode.isPresent()) {
                if (!safetensors || isSafetensors(file)) {
                    common.retainAll(mode.get());
                }
                byName.put(file.getFileName().toString(), mode.get());
            }
        }
        return new FileModes(directory, byName, common);
    }

    private static boolean isSafetensors(Path file) {
        return file.getFileName().toString().endsWith(".safetensors");
    }

    private static Optional<Set<PosixFilePermission>> mode(Path file) throws IOException {
        PosixFileAttributeView view = Files.getFileAttributeView(file, PosixFileAttributeView.class);
        return view == null
                ? Optional.empty()
                : Optional.of(view.readAttributes().permissions());
    }

    /** Restricts the files of a directory, but not the directory itself. */
    void restrictFilesOf(Path written) throws IOException {
        try (Stream<Path> files = Files.list(written)) {
            for (Path file : (Iterable<Path>) files::iterator) {
                if (Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
                    restrict(file, byName.getOrDefault(file.getFileName().toString(), common));
                }
            }
        }
    }

    /** Returns what of a directory's mode, as the user's mask makes it, the original's leaves. */
    Set<PosixFilePermission> directory(Set<PosixFilePermission> byMask) {
        return restricted(byMask, directory);
    }

    private static void restrict(Path file, Set<PosixFilePermission> original) throws IOException {
        Optional<Set<PosixFilePermission>> mode = mode(file);
        if (mode.isPresent()) {
            Set<PosixFilePermission> restricted = restricted(mode.get(), original);
            if (!restricted.equals(mode.get())) {
                Files.setPosixFilePermissions(file, restricted);
            }
        }
    }

    private static Set<PosixFilePermission> restricted(
            Set<PosixFilePermission> byMask, Set<PosixFilePermission> original) {
        Set<PosixFilePermission> allowed = EnumSet.copyOf(OWNERS);
        allowed.addAll(original);
        allowed.retainAll(byMask);
        return allowed;
    }
}
