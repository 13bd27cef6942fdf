package org.laco.sweep;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.laco.io.file.SmallFile;
import org.laco.output.OutputDirectory;

/** The finished points of a sweep, a file each, so that a sweep that was stopped goes on where it was. */
final class SweepStore {
    /** Far more than a point has, whatever it was measured on. */
    private static final int MAX_BYTES = 16_000_000;

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
        Path file = directory.resolve("settings.json");
        if (Files.exists(file)) {
            Map<?, ?> before = store.read(file, Map.class);
            for (Map.Entry<String, String> setting : settings.entrySet()) {
                Object other = before.get(setting.getKey());
                if (!setting.getValue().equals(other)) {
                    throw new IOException(String.format(
                            "%s holds a sweep with %s %s, not %s: give another directory",
                            directory, setting.getKey(), other, setting.getValue()));
                }
            }
        } else {
            Files.createDirectories(directory);
            store.write(file, settings);
        }
        Files.createDirectories(store.points());
        return store;
    }

    private Path points() {
        return directory.resolve("points");
    }

    private Path file(String method, int layers) {
        return points().resolve(method + "-" + layers + ".json");
    }

    /** A path that is one point's alone. */
    Path beside(String method, int layers) {
        return points().resolve(method + "-" + layers);
    }

    Optional<SweepPoint> find(String method, int layers) throws IOException {
        Path file = file(method, layers);
        return Files.exists(file) ? Optional.of(read(file, SweepPoint.class)) : Optional.empty();
    }

    private <T> T read(Path file, Class<T> type) throws IOException {
        T content;
        try {
            content = mapper.readValue(SmallFile.read(file, MAX_BYTES).bytes(), type);
        } catch (JsonProcessingException e) {
            throw new IOException(damaged(file), e);
        }
        if (content == null) {
            throw new IOException(damaged(file));
        }
        return content;
    }

    private static String damaged(Path file) {
        return file + " is not what a sweep wrote there: remove it to have it made again, or give another directory";
    }

    /** Saves a point under the number of layers that was asked for, which a schedule may have gone below. */
    void save(String method, int layers, SweepPoint point) throws IOException {
        write(file(method, layers), point);
    }

    void write(Path file, Object content) throws IOException {
        OutputDirectory.write(file, mapper.writeValueAsBytes(content));
    }
}
