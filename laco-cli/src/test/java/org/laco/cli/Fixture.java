package org.laco.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.laco.io.array.FileTensors;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * One of the tiny checkpoints of all families with which laco-io is held against transformers.
 *
 * @param directory where it is
 */
public record Fixture(Path directory) {
    private static final Path ROOT = Path.of("../laco-io/src/test/resources/fixtures");

    public static Fixture named(String name) {
        return new Fixture(ROOT.resolve(name));
    }

    public static List<Fixture> all() throws IOException {
        Path root = Path.of(System.getProperty("laco.fixtures", ROOT.toString()));
        try (Stream<Path> directories = Files.list(root)) {
            return directories
                    .filter(Files::isDirectory)
                    .sorted()
                    .map(Fixture::new)
                    .toList();
        }
    }

    public String name() {
        return directory.getFileName().toString();
    }

    public Path model() {
        return directory.resolve("model");
    }

    /** Writes the sequences as a calibration file. */
    public Path writeCalibration(Path target) throws IOException {
        List<String> lines = new ArrayList<>();
        try (FileTensors numbers = FileTensors.open(directory.resolve("expected.safetensors"))) {
            for (int i = 0; numbers.contains("input_ids." + i); i++) {
                try (INDArray ids = numbers.tensor("input_ids." + i).load()) {
                    lines.add("{\"input_ids\": " + Arrays.toString(ids.toIntVector()) + "}");
                }
            }
        }
        return Files.write(target, lines);
    }
}
