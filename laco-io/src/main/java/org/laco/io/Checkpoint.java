package org.laco.io;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.laco.model.CausalModel;
import org.laco.plan.CollapsePlan;

/**
 * A language model with what is stored beside its weights, and the way to store a collapsed one.
 *
 * <pre>{@code
 * try (Checkpoint checkpoint = Checkpoints.open(Path.of("SmolLM2-135M"))) {
 *     CollapseResult result = LayerCollapse.builder()
 *             .targetLayers(24)
 *             .calibration(CalibrationFile.standard(checkpoint))
 *             .build()
 *             .apply(checkpoint.model());
 *     CheckpointWriter.builder().build().write(checkpoint, result, Path.of("SmolLM2-24"));
 * }
 * }</pre>
 *
 * <p>{@link HfCheckpoint} is one; another {@link CheckpointFormat} brings its own. A model that is held in memory is {@link
 * Checkpoints#inMemory one} too.
 */
public interface Checkpoint extends AutoCloseable {
    /**
     * Returns the model.
     *
     * @return the same model at each call, which can be used until this checkpoint is closed
     */
    CausalModel model();

    /**
     * Returns where the checkpoint is, which nothing may be written over.
     *
     * @return a directory or a file, empty for what is held in memory, as by default
     */
    default Optional<Path> location() {
        return Optional.empty();
    }

    /**
     * Lists the files of the checkpoint, whose hashes go into the record of a collapse.
     *
     * @return the files, none by default
     * @throws IOException if they can't be listed
     */
    default ImmutableList<Path> files() throws IOException {
        return ImmutableList.of();
    }

    /**
     * Returns the hashes of the files of the checkpoint, as they go into the record of a collapse.
     *
     * @return the SHA-256 in lower-case hexadecimal by the file's name; by default, of what the files hold at this moment, which a format
     *     whose files can be replaced while they are in use knows better
     * @throws IOException if a file can't be read, or isn't what it was when it was opened
     */
    default ImmutableMap<String, String> hashes() throws IOException {
        return FileHashes.of(files()).hashes();
    }

    /**
     * Returns whether there is a tokenizer.
     *
     * @return false by default
     */
    default boolean hasTokenizer() {
        return false;
    }

    /**
     * Returns the tokenizer, opened when it is first asked for.
     *
     * @return the tokenizer, which is closed with this checkpoint
     * @throws IOException if there is none, as by default, or it can't be read
     */
    default Tokenizer tokenizer() throws IOException {
        throw new IOException("the checkpoint has no tokenizer: bring token ids instead of text");
    }

    /**
     * Returns the ids that end a text.
     *
     * @return the ids, empty by default
     * @throws IOException if they can't be read
     */
    default ImmutableList<Integer> endOfTextIds() throws IOException {
        return ImmutableList.of();
    }

    /**
     * Lays out the files of a collapsed model, before anything is written.
     *
     * @param plan a plan for this checkpoint's model, with the values of what it fits
     * @param maxShardBytes the most bytes of tensors in one file, where the format can divide them
     * @return the files
     * @throws IOException if what is to be copied can't be listed
     * @throws IllegalArgumentException if the plan doesn't fit the model, or the format has no room for one of its tensors
     */
    CheckpointFiles collapsed(CollapsePlan plan, long maxShardBytes) throws IOException;

    /** Releases files and mappings; the model can't be used afterwards. */
    @Override
    void close();
}
