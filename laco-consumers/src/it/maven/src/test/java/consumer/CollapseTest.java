package consumer;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.laco.CollapseResult;
import org.laco.LayerCollapse;
import org.laco.io.CalibrationFile;
import org.laco.io.Checkpoint;
import org.laco.io.CheckpointWriter;
import org.laco.io.Checkpoints;

class CollapseTest {
    @TempDir
    private Path directory;

    @Test
    void collapsesAModelWithWhatTheCoordinatesResolveTo() throws IOException {
        Path out = directory.resolve("out");
        try (Checkpoint checkpoint = Checkpoints.open(Path.of(System.getProperty("model")))) {
            CollapseResult result = LayerCollapse.builder()
                    .range(1, 12)
                    .layersPerMerge(3)
                    .interval(1)
                    .threshold(0.7)
                    .calibration(CalibrationFile.standard(checkpoint))
                    .build()
                    .apply(checkpoint.model());
            CheckpointWriter.builder().build().write(checkpoint, result, out);
            assertThat(result.plan().size()).isLessThan(12);
        }
        try (Checkpoint smaller = Checkpoints.open(out)) {
            assertThat(smaller.model().layerCount()).isLessThan(12);
        }
    }

    @Test
    void hasTheNativeLibrariesThatLacoIsTestedWithAndNoOthers() {
        assertThat(jars())
                .filteredOn(jar -> jar.matches("(javacpp|openblas|dnnl|opencl)-.*"))
                .isNotEmpty()
                .allMatch(jar -> jar.matches("(javacpp-1\\.5\\.13|openblas-0\\.3\\.31-1\\.5\\.13|dnnl-3\\.11-1\\.5\\.13|opencl-3\\.0-1\\.5\\.13)(-.*)?\\.jar"));
        assertThat(jars()).noneMatch(jar -> jar.matches(".*(android|ios|windows|ppc64le).*"));
    }

    private static Stream<String> jars() {
        return Stream.of(System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"))
                        .split(File.pathSeparator))
                .map(path -> new File(path).getName());
    }
}
