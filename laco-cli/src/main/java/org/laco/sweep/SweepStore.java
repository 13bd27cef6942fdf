package org.laco.sweep;

import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.Optional;

/** The finished points of a sweep, a file each, so that a sweep that was stopped goes on where it was. */
final class SweepStore {
    private final JsonMapper mapper =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();
    private final Path directory;

    private SweepStore(Path directory) {
        this.directory = directory;
    }

    /**
     * Opens a directory, a new one or that of a sweep of the same settings.
     *
     * @throws IOException if it holds a sweep of other settings; the message names the first setting that differs
     */
    static SweepStore open(Path directory, Map<String, String> settings) throws IOException {
        SweepStore store = new SweepStore(directory);
        Files.createDirectories(store.points());
        Path file = directory.resolve("settings.json");
        if (Files.exists(file)) {
            Map<?, ?> before = store.mapper.readValue(file.toFile(), Map.class);
            for (Map.Entry<String, String> setting : settings.entrySet()) {
                Object other = before.get(setting.getKey());
                if (!setting.getValue().equals(other)) {
                    throw new IOException(String.format(
                            "%s holds a sweep with %s %s, not %s: give another directory",
                            directory, setting.getKey(), other, setting.getValue()));
                }
            }
        } else {
            store.write(file, settings);
        }
        return store;
    }

    private Path points() {
        return directory.resolve("points");
    }

    private Path file(String method, int layers) {
        return points().resolve(method + "-" + layers + ".json");
    }

    Optional<SweepPoint> find(String method, int layers) throws IOException {
        Path file = file(method, layers);
        return Files.exists(file) ? Optional.of(mapper.readValue(file.toFile(), SweepPoint.class)) : Optional.empty();
    }

    /** Saves a point under the number of layers that was asked for, which a schedule may have gone below. */
    void save(String method, int layers, SweepPoint point) throws IOException {
        write(file(method, layers), point);
    }

    void write(Path file, Object content) throws IOException {
        write(file, mapper.writeValueAsBytes(content));
    }

    /** Writes a file that is complete or not there. */
    static void write(Path file, byte[] content) throws IOException {
        Path temporary = Files.createTempFile(file.getParent(), ".", ".tmp");
        try {
            Files.write(temporary, content);
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(temporary);
        }
    }
}
