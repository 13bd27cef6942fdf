package org.laco.io;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.DictionaryFile;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.provider.MethodSource;
import org.laco.io.array.FileTensors;
import org.laco.model.CausalModel;
import org.laco.model.config.ModelConfig;

/** Configurations of any content, each beside the weights of the fixture of its model type. */
class ConfigFuzzTest {
    private static final Map<String, FileTensors> WEIGHTS = new HashMap<>();

    @TempDir
    static Path directory;

    private static List<Path> models() throws IOException {
        try (Stream<Path> fixtures = Files.list(Path.of("src/test/resources/fixtures"))) {
            return fixtures.map(fixture -> fixture.resolve("model"))
                    .filter(Files::isDirectory)
                    .sorted()
                    .toList();
        }
    }

    @BeforeAll
    static void openWeights() throws IOException {
        for (Path model : models()) {
            String type =
                    ConfigFile.read(model.resolve(ConfigFile.NAME)).config().string("model_type");
            if (!WEIGHTS.containsKey(type)) {
                WEIGHTS.put(type, FileTensors.open(model));
            }
        }
    }

    @AfterAll
    static void closeWeights() {
        WEIGHTS.values().forEach(FileTensors::close);
        WEIGHTS.clear();
    }

    static Stream<byte[]> configs() throws IOException {
        Stream.Builder<byte[]> configs = Stream.builder();
        for (Path model : models()) {
            configs.add(Files.readAllBytes(model.resolve(ConfigFile.NAME)));
        }
        return configs.build();
    }

    @DictionaryFile(resourcePath = "config.dict")
    @MethodSource("configs")
    @FuzzTest
    void describesAModelOrIsRefusedInOneSentence(byte[] input) throws IOException {
        Path file = Files.write(directory.resolve(ConfigFile.NAME), input);
        ModelConfig config;
        try {
            config = ConfigFile.read(file).config();
        } catch (IOException e) {
            assertThat(e.getMessage()).startsWith(file.toString()).containsPattern("\\.json(: | is )");
            return;
        }
        Object type = config.values().get("model_type");
        FileTensors weights = type instanceof String ? WEIGHTS.get(type) : null;
        if (weights == null) {
            weights = WEIGHTS.get("llama");
        }
        try {
            CausalModel model = CausalModel.of(config, weights);
            assertThat(model.layerCount()).isPositive();
            assertThat(model.parameterCount()).isPositive();
            for (int layer = 0; layer < model.layerCount(); layer++) {
                assertThat(model.tensors(layer)).isNotEmpty();
            }
        } catch (IllegalArgumentException e) {
            assertThat(e.getMessage()).matches("(?s)(config\\.json: |tensor ).+");
        }
    }
}
