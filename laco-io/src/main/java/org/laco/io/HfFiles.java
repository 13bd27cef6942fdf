package org.laco.io;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.Optional;
import org.laco.io.array.WrittenTensor;
import org.laco.io.safetensors.SafetensorsWriter;
import org.laco.io.safetensors.ShardLayout;
import org.laco.io.safetensors.WrittenFile;
import org.laco.kernel.SingleThreaded;
import org.laco.measure.ProgressListener;
import org.laco.model.CausalModel;

/**
 * The files of a Hugging Face checkpoint: safetensors shards, {@code config.json}, and what is copied from another one.
 *
 * <p>A checkpoint of another format can be written as one of these:
 *
 * <pre>{@code
 * public CheckpointFiles collapsed(CollapsePlan plan, long maxShardBytes) throws IOException {
 *     return HfFiles.of(model.collapsed(plan), maxShardBytes);
 * }
 * }</pre>
 */
public final class HfFiles implements CheckpointFiles {
    private final ShardLayout layout;
    private final byte[] config;
    private final Optional<SideFiles> sideFiles;
    private final HfCheckpoint.Definition definition;

    private HfFiles(
            ShardLayout layout, byte[] config, Optional<SideFiles> sideFiles, HfCheckpoint.Definition definition) {
        this.layout = layout;
        this.config = config;
        this.sideFiles = sideFiles;
        this.definition = definition;
    }

    /**
     * Lays out the files of a model without a tokenizer.
     *
     * @param model the model, whose tensors are read or computed when they are written
     * @param maxShardBytes the most bytes of tensors in one file, at least 1; only a larger tensor makes a larger file
     * @return the files
     * @throws IOException if the configuration can't be encoded
     * @throws IllegalArgumentException if safetensors have no room for one of the tensors
     */
    public static HfFiles of(CausalModel model, long maxShardBytes) throws IOException {
        return new HfFiles(
                layout(model, maxShardBytes, ShardLayout.DEFAULT_METADATA),
                ConfigFile.of(model.config()).encode(model.config()),
                Optional.empty(),
                (read, weights) -> CausalModel.of(read, weights, model.family()));
    }

    /** Lays out the files of a model that was made of a checkpoint's. */
    static HfFiles of(HfCheckpoint original, CausalModel model, long maxShardBytes) throws IOException {
        return new HfFiles(
                layout(model, maxShardBytes, original.weights().mapped().metadata()),
                original.configFile().encode(model.config()),
                Optional.of(SideFiles.of(original.directory())),
                original.definition());
    }

    private static ShardLayout layout(CausalModel model, long maxShardBytes, Map<String, String> metadata) {
        ImmutableList<WrittenTensor> tensors = model.tensors().names().stream()
                .map(model.tensors()::tensor)
                .map(WrittenTensor::of)
                .collect(ImmutableList.toImmutableList());
        return ShardLayout.of(tensors, maxShardBytes, metadata);
    }

    @Override
    public long bytes() throws IOException {
        return layout.totalBytes() + (sideFiles.isPresent() ? sideFiles.get().bytes() : 0);
    }

    @Override
    public ImmutableMap<String, String> writeTo(Path directory, boolean hashing) throws IOException {
        return writeTo(directory, hashing, share -> {});
    }

    @Override
    public ImmutableMap<String, String> writeTo(Path directory, boolean hashing, ProgressListener listener)
            throws IOException {
        ImmutableMap<String, String> hashes = writeWeights(directory, hashing, listener);
        if (sideFiles.isPresent()) {
            sideFiles.get().copyTo(directory);
        }
        Files.write(
                directory.resolve(ConfigFile.NAME), config, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        return hashes;
    }

    private ImmutableMap<String, String> writeWeights(Path directory, boolean hashing, ProgressListener listener)
            throws IOException {
        double all = layout.tensorBytes();
        // Merging a block is less work than waking ND4J's threads, and other threads hash and merge.
        try (SingleThreaded computing = SingleThreaded.begin()) {
            return SafetensorsWriter.write(layout, directory, hashing, bytes -> listener.progressed(bytes / all))
                    .stream()
                    .filter(file -> file.sha256().isPresent())
                    .collect(ImmutableMap.toImmutableMap(
                            WrittenFile::name, file -> file.sha256().get()));
        }
    }

    @Override
    public Checkpoint open(Path directory) throws IOException {
        return HfCheckpoint.open(directory, definition);
    }
}
