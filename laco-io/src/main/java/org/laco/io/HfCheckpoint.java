package org.laco.io;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.laco.io.array.FileTensors;
import org.laco.io.safetensors.SafetensorsDirectory;
import org.laco.model.CausalModel;
import org.laco.model.config.ModelConfig;
import org.laco.model.family.Family;
import org.laco.plan.CollapsePlan;
import org.laco.tensor.TensorSource;

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
public final class HfCheckpoint implements Checkpoint {
    private static final String END_OF_TEXT = "eos_token_id";
    private static final String GENERATION = "generation_config.json";

    private final Path directory;
    private final ConfigFile configFile;
    private final SafetensorsDirectory stored;
    private final FileTensors weights;
    private final Definition definition;
    private final Optional<Quantisation> compression;
    private final CausalModel model;
    private final Map<String, String> otherHashes = new HashMap<>();
    private HfTokenizer tokenizer;

    private HfCheckpoint(Path directory, ConfigFile configFile, SafetensorsDirectory stored, Definition definition) {
        this.directory = directory;
        this.configFile = configFile;
        this.stored = stored;
        this.weights = FileTensors.of(stored);
        this.definition = definition;
        this.compression = Quantisation.of(configFile.config());
        this.model = compression.isPresent()
                ? definition.model(
                        compression.get().decoded(configFile.config()), DecodedTensors.of(weights, compression.get()))
                : definition.model(configFile.config(), weights);
    }

    /** How a model is made of what the directory holds. */
    @FunctionalInterface
    interface Definition {
        CausalModel model(ModelConfig config, TensorSource weights);
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
        return open(directory, CausalModel::of);
    }

    /**
     * Opens a checkpoint whose model is of a family of one's own, whatever {@code model_type} its configuration has.
     *
     * @param directory the directory; symbolic links are followed
     * @param family the family that defines the model
     * @return the checkpoint, which the caller closes
     * @throws IOException if a file is missing, can't be read or isn't valid; the message names it
     * @throws IllegalArgumentException if the family refuses the configuration or it doesn't describe the weights
     */
    public static HfCheckpoint open(Path directory, Family family) throws IOException {
        return open(directory, (config, weights) -> CausalModel.of(config, weights, family));
    }

    static HfCheckpoint open(Path directory, Definition definition) throws IOException {
        if (!Files.isDirectory(directory)) {
            throw new IOException(directory + " " + ForeignCheckpoint.missing(directory));
        }
        ForeignCheckpoint.refuse(directory);
        ConfigFile configFile = ConfigFile.read(directory.resolve(ConfigFile.NAME));
        SafetensorsDirectory stored = SafetensorsDirectory.open(directory);
        try {
            return new HfCheckpoint(directory, configFile, stored, definition);
        } catch (RuntimeException | Error e) {
            stored.close();
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
     * Returns the weights as they are stored; those of the {@link #model} are decoded where they are {@linkplain #compression compressed}.
     *
     * @return the tensors of all shards
     */
    public FileTensors weights() {
        return weights;
    }

    /**
     * Returns how the weights are compressed. They are decoded while they are read, and what is written is not compressed.
     *
     * @return such as {@code FP8 (blocks of 128 × 128)}, empty if they aren't
     */
    public Optional<String> compression() {
        return compression.map(Quantisation::description);
    }

    @Override
    public CausalModel model() {
        return model;
    }

    @Override
    public Optional<Path> location() {
        return Optional.of(directory);
    }

    /**
     * Lists everything in the directory, whether it belongs to the model or not.
     *
     * @return the files and directories
     * @throws IOException if the directory can't be listed
     */
    @Override
    public ImmutableList<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.collect(ImmutableList.toImmutableList());
        }
    }

    /**
     * Returns the hashes of the files in the directory.
     *
     * @return the SHA-256 by name: of what was read where a file was read, even if another has taken its name since, and of what the file
     *     holds now for all others
     * @throws IOException if a file can't be read, or the weights were written to since they were opened
     */
    @Override
    public ImmutableMap<String, String> hashes() throws IOException {
        Map<String, String> read = new HashMap<>(stored.hashes());
        configFile.sha256().ifPresent(hash -> read.put(ConfigFile.NAME, hash));
        synchronized (this) {
            read.putAll(otherHashes);
        }
        return FileHashes.of(files(), read).hashes();
    }

    /**
     * Returns whether there is a tokenizer.
     *
     * @return true if the directory holds a {@code tokenizer.json}
     */
    @Override
    public boolean hasTokenizer() {
        return Files.exists(directory.resolve(HfTokenizer.FILE_NAME));
    }

    /**
     * Returns the tokenizer, opened when it is first asked for.
     *
     * @return the tokenizer, which is closed with this checkpoint
     * @throws IOException if there is no {@code tokenizer.json} or it can't be read
     */
    @Override
    public synchronized HfTokenizer tokenizer() throws IOException {
        if (tokenizer == null) {
            tokenizer = HfTokenizer.open(directory);
            otherHashes.put(HfTokenizer.FILE_NAME, tokenizer.sha256());
        }
        return tokenizer;
    }

    /**
     * Returns the ids that end a text, by {@code generation_config.json} or {@code config.json}.
     *
     * @return the ids, empty if neither file has any
     * @throws IOException if a file can't be read
     */
    @Override
    public ImmutableList<Integer> endOfTextIds() throws IOException {
        Path generation = directory.resolve(GENERATION);
        if (Files.exists(generation)) {
            ConfigFile generationFile = ConfigFile.read(generation);
            synchronized (this) {
                generationFile.sha256().ifPresent(hash -> otherHashes.put(GENERATION, hash));
            }
            ModelConfig generationConfig = generationFile.config();
            if (generationConfig.has(END_OF_TEXT)) {
                return ids(generationConfig);
            }
        }
        ModelConfig stated = config().has(END_OF_TEXT) ? config() : model.languageConfig();
        return stated.has(END_OF_TEXT) ? ids(stated) : ImmutableList.of();
    }

    private static ImmutableList<Integer> ids(ModelConfig config) {
        return config.values().get(END_OF_TEXT) instanceof Number
                ? ImmutableList.of(config.integer(END_OF_TEXT))
                : config.integers(END_OF_TEXT);
    }

    @Override
    public HfFiles collapsed(CollapsePlan plan, long maxShardBytes) throws IOException {
        return HfFiles.of(this, model.collapsed(plan), maxShardBytes);
    }

    /** How the model was made, and one that is written from it will be. */
    Definition definition() {
        return definition;
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
