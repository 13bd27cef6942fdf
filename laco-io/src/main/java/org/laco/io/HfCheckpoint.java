package org.laco.io;

import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.laco.io.safetensors.SafetensorsDirectory;
import org.laco.model.CausalModel;
import org.laco.model.config.ModelConfig;

/**
 * A Hugging Face checkpoint: a directory of {@code config.json}, safetensors weights and, mostly, a tokenizer.
 *
 * <pre>{@code
 * try (HfCheckpoint checkpoint = HfCheckpoint.open(Path.of("SmolLM2-135M"))) {
 *     Calibration calibration = Calibration.ofTokens(checkpoint.tokenizer().encode("The capital of France is"));
 *     CollapseResult result = LayerCollapse.builder()
 *             .range(1, 30)
 *             .threshold(0.65)
 *             .calibration(calibration)
 *             .build()
 *             .apply(checkpoint.model());
 *     CheckpointWriter.builder().build().write(checkpoint, result, Path.of("SmolLM2-collapsed"));
 * }
 * }</pre>
 *
 * <p>Opening reads headers only; weights stay mapped until they are needed.
 */
public final class HfCheckpoint implements AutoCloseable {
    private static final String END_OF_TEXT = "eos_token_id";

    private final Path directory;
    private final ConfigFile configFile;
    private final SafetensorsDirectory weights;
    private final CausalModel model;
    private HfTokenizer tokenizer;

    private HfCheckpoint(Path directory, ConfigFile configFile, SafetensorsDirectory weights, CausalModel model) {
        this.directory = directory;
        this.configFile = configFile;
        this.weights = weights;
        this.model = model;
    }

    /**
     * Opens a checkpoint.
     *
     * @param directory the directory; symbolic links are followed
     * @return the checkpoint, which the caller closes
     * @throws IOException if a file is missing, can't be read or isn't valid; the message names it
     * @throws IllegalArgumentException if the configuration isn't supported or doesn't describe the weights
     */
    public static HfCheckpoint open(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            throw new IOException(directory + " is not a directory");
        }
        ForeignCheckpoint.refuse(directory);
        ConfigFile configFile = ConfigFile.read(directory.resolve(ConfigFile.NAME));
        SafetensorsDirectory weights = SafetensorsDirectory.open(directory);
        try {
            return new HfCheckpoint(directory, configFile, weights, CausalModel.of(configFile.config(), weights));
        } catch (RuntimeException | Error e) {
            weights.close();
            throw e;
        }
    }

    /**
     * Returns where the checkpoint is.
     *
     * @return the directory it was opened from
     */
    public Path directory() {
        return directory;
    }

    /**
     * Returns the configuration.
     *
     * @return the content of {@code config.json}
     */
    public ModelConfig config() {
        return configFile.config();
    }

    /**
     * Returns the weights.
     *
     * @return the tensors of all shards
     */
    public SafetensorsDirectory weights() {
        return weights;
    }

    /**
     * Returns the model.
     *
     * @return the model, which can be used until this checkpoint is closed
     */
    public CausalModel model() {
        return model;
    }

    /**
     * Tells whether there is a tokenizer.
     *
     * @return true if the directory holds a {@code tokenizer.json}
     */
    public boolean hasTokenizer() {
        return Files.exists(directory.resolve(HfTokenizer.FILE_NAME));
    }

    /**
     * Returns the tokenizer, opened when it is first asked for.
     *
     * @return the tokenizer, which is closed with this checkpoint
     * @throws IOException if there is no {@code tokenizer.json} or it can't be read
     */
    public synchronized HfTokenizer tokenizer() throws IOException {
        if (tokenizer == null) {
            tokenizer = HfTokenizer.open(directory);
        }
        return tokenizer;
    }

    /**
     * Returns the ids that end a text, by {@code generation_config.json} or {@code config.json}.
     *
     * @return the ids, empty if neither file has any
     * @throws IOException if a file can't be read
     */
    public ImmutableList<Integer> endOfTextIds() throws IOException {
        Path generation = directory.resolve("generation_config.json");
        if (Files.exists(generation)) {
            ModelConfig generationConfig = ConfigFile.read(generation).config();
            if (generationConfig.has(END_OF_TEXT)) {
                return ids(generationConfig);
            }
        }
        return config().has(END_OF_TEXT) ? ids(config()) : ImmutableList.of();
    }

    private static ImmutableList<Integer> ids(ModelConfig config) {
        return config.values().get(END_OF_TEXT) instanceof Number
                ? ImmutableList.of(config.integer(END_OF_TEXT))
                : config.integers(END_OF_TEXT);
    }

    /** The configuration's file, to be written back. */
    ConfigFile configFile() {
        return configFile;
    }

    /** Releases what the model's arithmetic keeps, the mappings and the tokenizer; the model can't be used afterwards. */
    @Override
    public synchronized void close() {
        model.close();
        weights.close();
        if (tokenizer != null) {
            tokenizer.close();
        }
    }
}
