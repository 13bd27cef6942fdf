package consumer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.laco.io.safetensors.LoadedTensors;
import org.laco.io.safetensors.Safetensors;
import org.laco.io.safetensors.SafetensorsFile;
import org.laco.io.safetensors.Tensor;

class TensorsTest {
    @TempDir
    private Path directory;

    private Path written() throws IOException {
        Path file = directory.resolve("state.safetensors");
        Safetensors.write(
                Map.of(
                        "weight", Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3),
                        "half", Tensor.bfloat16(new float[] {0.5f, -2}, 2),
                        "step", Tensor.of(new long[] {9_007_199_254_740_993L})),
                Map.of("format", "pt"),
                file);
        return file;
    }

    @Test
    void readsWhatItWrote() throws IOException {
        LoadedTensors read = Safetensors.read(written());

        assertThat(read.metadata()).isEqualTo(Map.of("format", "pt"));
        assertThat(read.tensors().keySet()).containsExactlyInAnyOrder("weight", "half", "step");
        assertThat(read.tensor("half").toFloats()).containsExactly(0.5f, -2);
        assertThat(read.tensor("step").toLongs()).containsExactly(9_007_199_254_740_993L);
    }

    @Test
    void readsPartsOfATensorWhereItLies() throws IOException {
        try (SafetensorsFile file = SafetensorsFile.open(written())) {
            assertThat(file.tensor("weight")
                            .slice(new long[] {0, 1}, new long[] {2, 2})
                            .toFloats())
                    .containsExactly(2, 3, 5, 6);
        }
    }

    @Test
    void bringsNoNd4jNoNativeCodeAndNothingElseOfLaco() {
        assertThat(jars())
                .contains("laco-safetensors")
                .noneMatch(jar -> jar.matches("(nd4j|javacpp|openblas|dnnl|tokenizers|slf4j).*"))
                .filteredOn(jar -> jar.startsWith("laco"))
                .containsExactly("laco-safetensors");
        assertThatThrownBy(() -> Class.forName("org.nd4j.linalg.api.ndarray.INDArray"))
                .isInstanceOf(ClassNotFoundException.class);
    }

    /** The jars on the class path, without their versions. */
    private static Stream<String> jars() {
        return Stream.of(System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"))
                        .split(File.pathSeparator))
                .map(path -> new File(path).getName())
                .filter(name -> name.endsWith(".jar"))
                .map(name -> name.replaceAll("-[0-9].*", ""));
    }
}
