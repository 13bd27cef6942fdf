package org.laco.io;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import com.google.common.base.Stopwatch;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.Stream;
import org.laco.CollapseResult;
import org.laco.base.Cancellation;
import org.laco.io.CheckpointListener.Stage;
import org.laco.io.safetensors.SafetensorsException;
import org.laco.measure.FinalHiddenStates;
import org.laco.measure.Score;
import org.laco.model.CausalModel;
import org.laco.plan.CollapsePlan;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Writes a collapsed model as a checkpoint of its own in the original's format, with a record of the collapse beside the weights.
 *
 * <pre>{@code
 * WrittenCheckpoint written = CheckpointWriter.builder()
 *         .maxShardBytes(5_000_000_000L)
 *         .build()
 *         .write(checkpoint, result, Path.of("SmolLM2-collapsed"));
 * }</pre>
 *
 * <p>The directory appears complete or not at all. Tensors that the plan leaves as they are go from file to file; merged ones are
 * computed and written in blocks. The result is reopened and its similarity measured before it is put in its place.
 */
public final class CheckpointWriter {
    /** How far the similarity of the written model may be from the search's; the two differ by rounding only. */
    private static final double REPRODUCED = 1e-5;

    private final long maxShardBytes;
    private final boolean checksums;
    private final boolean overwrite;
    private final boolean modelCard;
    private final CheckpointListener listener;

    private CheckpointWriter(Builder builder) {
        this.maxShardBytes = builder.maxShardBytes;
        this.checksums = builder.checksums;
        this.overwrite = builder.overwrite;
        this.modelCard = builder.modelCard;
        this.listener = builder.listener;
    }

    /**
     * Starts with the defaults: shards of at most 5 GB, checksums in the record, a model card, nothing overwritten, no listener.
     *
     * @return a new builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Refuses a target that {@link #write} would refuse, before a long search.
     *
     * @param checkpoint the original
     * @param target where the result is to be written
     * @throws IOException if the target exists, overlaps the original or can't be written, or if what is to be copied can't be read
     */
    public void check(Checkpoint checkpoint, Path target) throws IOException {
        AtomicDirectory.begin(target, checkpoint.location(), overwrite).close();
        checkpoint.collapsed(CollapsePlan.identity(checkpoint.model().layerCount()), maxShardBytes);
    }

    /**
     * Writes a collapsed model.
     *
     * @param checkpoint the original, which stays as it is
     * @param result what a search on the original's model found
     * @param target the directory to write, which must not exist unless overwriting was asked for
     * @return what was written
     * @throws IOException if the target is refused, the disk is too small, reading or writing fails, or the written model doesn't
     *     reproduce the search's similarity; nothing is left behind then
     * @throws CancellationException if the thread is interrupted before the directory is in its place; nothing is left behind then
     * @throws IllegalArgumentException if the result is of another model
     */
    public WrittenCheckpoint write(Checkpoint checkpoint, CollapseResult result, Path target) throws IOException {
        return write(checkpoint, result, CollapseRecord.of(result), target);
    }

    /**
     * Writes a collapsed model that never was a file, as Hugging Face's: its tensors, its {@code config.json} and the record, without a tokenizer.
     *
     * <pre>{@code
     * CausalModel model = CausalModel.of(config, InMemoryTensors.of(arrays));
     * CollapseResult result = LayerCollapse.builder().calibration(calibration).build().merge(model, 3, 1);
     * CheckpointWriter.builder().build().write(result, Path.of("collapsed"));
     * }</pre>
     *
     * @param result what a search on a {@link CausalModel} found
     * @param target the directory to write, which must not exist unless overwriting was asked for
     * @return what was written
     * @throws IOException as {@link #write(Checkpoint, CollapseResult, Path)} does
     * @throws CancellationException as {@link #write(Checkpoint, CollapseResult, Path)} does
     * @throws IllegalArgumentException if the result is of another stack than a {@code CausalModel}
     */
    public WrittenCheckpoint write(CollapseResult result, Path target) throws IOException {
        if (!(result.original() instanceof CausalModel model)) {
            throw new IllegalArgumentException(
                    "the result is of a " + result.original().getClass().getSimpleName()
                            + ", expected a CausalModel: arrays() gives the weights of any other stack");
        }
        return write(Checkpoints.inMemory(model), result, target);
    }

    /**
     * Writes a collapsed model with a record that says more than {@link CollapseRecord#of}, such as how it was trained.
     *
     * @param checkpoint the original, which stays as it is
     * @param result what a search on the original's model found, and training made of it
     * @param content the result's record, to which the hashes of files are added
     * @param target the directory to write, which must not exist unless overwriting was asked for
     * @return what was written
     * @throws IOException as {@link #write(Checkpoint, CollapseResult, Path)} does
     * @throws CancellationException as {@link #write(Checkpoint, CollapseResult, Path)} does
     * @throws IllegalArgumentException if the result is of another model
     */
    public WrittenCheckpoint write(Checkpoint checkpoint, CollapseResult result, CollapseRecord content, Path target)
            throws IOException {
        checkArgument(
                result.original() == checkpoint.model(),
                "the result is of another model than %s",
                checkpoint.location().map(Path::toString).orElse("that of the checkpoint in memory"));
        try {
            return writeOf(checkpoint, result, content, target);
        } catch (ClosedByInterruptException e) {
            throw Cancellation.of(e);
        }
    }

    private WrittenCheckpoint writeOf(Checkpoint checkpoint, CollapseResult result, CollapseRecord content, Path target)
            throws IOException {
        Stopwatch writing = Stopwatch.createStarted();
        try (AtomicDirectory output = AtomicDirectory.begin(target, checkpoint.location(), overwrite)) {
            CheckpointFiles files = checkpoint.collapsed(result.plan(), maxShardBytes);
            requireSpace(output.path(), target, files.bytes());
            // Reading one disk's files and writing another's take their time side by side.
            Optional<CompletableFuture<FileHashes>> inputs =
                    checksums ? Optional.of(CompletableFuture.supplyAsync(() -> hash(checkpoint))) : Optional.empty();
            Map<String, String> written = write(files, output.path(), target);
            if (modelCard) {
                ModelCard.of(checkpoint, result.plan(), content).writeTo(output.path());
            }
            CollapseRecord record = content;
            if (inputs.isPresent()) {
                record = record.with(join(inputs.get()), FileHashes.of(list(output.path()), written));
            }
            Files.write(
                    output.path().resolve(CollapseRecord.FILE_NAME),
                    record.encode(),
                    StandardOpenOption.CREATE_NEW,
                    StandardOpenOption.WRITE);
            writing.stop();
            Stopwatch verifying = Stopwatch.createStarted();
            Score verified = verify(files, output.path(), result);
            verifying.stop();
            writing.start();
            output.commit(FileModes.of(checkpoint));
            return new WrittenCheckpoint(target, record, verified, writing.elapsed(), verifying.elapsed());
        }
    }

    private static FileHashes hash(Checkpoint checkpoint) {
        try {
            return new FileHashes(checkpoint.hashes());
        } catch (IOException e) {
            throw new UncheckedIOException(e.getMessage(), e);
        }
    }

    private static FileHashes join(CompletableFuture<FileHashes> hashes) throws IOException {
        try {
            return hashes.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof UncheckedIOException failed) {
                throw failed.getCause();
            }
            throw e;
        }
    }

    /** Writes everything but the record, and returns the hashes that came with it by the files' names. */
    private Map<String, String> write(CheckpointFiles files, Path directory, Path target) throws IOException {
        try {
            return files.writeTo(directory, checksums, listener.begin(Stage.WRITING));
        } catch (SafetensorsException | ClosedByInterruptException | FileSystemException e) {
            throw e;
        } catch (IOException e) {
            // The system says what is wrong, such as a full disk, but not where.
            throw new IOException(target + " can't be written: " + e.getMessage(), e);
        }
    }

    private static void requireSpace(Path directory, Path target, long bytes) throws IOException {
        long free = Files.getFileStore(directory).getUsableSpace();
        if (free < bytes) {
            throw new IOException(String.format(
                    Locale.ROOT, "%s needs %,d bytes, but its disk has %,d bytes free", target, bytes, free));
        }
    }

    private static List<Path> list(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.toList();
        }
    }

    private Score verify(CheckpointFiles files, Path written, CollapseResult result) throws IOException {
        try (Checkpoint reopened = files.open(written);
                INDArray output =
                        FinalHiddenStates.of(reopened.model(), result.calibration(), listener.begin(Stage.MEASURING))) {
            Score verified = result.reference().compare(output);
            double difference = Math.abs(verified.value() - result.similarity());
            if (!(difference <= REPRODUCED)) {
                throw new IOException(String.format(
                        Locale.ROOT,
                        "the written model's similarity is %.6f, but the search measured %.6f: nothing was kept",
                        verified.value(),
                        result.similarity()));
            }
            return verified;
        }
    }

    /** Collects the settings of a {@link CheckpointWriter}. */
    public static final class Builder {
        private long maxShardBytes = 5_000_000_000L;
        private boolean checksums = true;
        private boolean overwrite;
        private boolean modelCard = true;
        private CheckpointListener listener = CheckpointListener.NONE;

        private Builder() {}

        /**
         * Sets the size above which a shard is closed. The default is 5 GB.
         *
         * @param bytes the most bytes of tensors in one file, at least 1; only a larger tensor makes a larger file
         * @return this builder
         * @throws IllegalArgumentException if the size is not positive
         */
        public Builder maxShardBytes(long bytes) {
            checkArgument(bytes > 0, "a shard must hold at least one byte, not %s", bytes);
            this.maxShardBytes = bytes;
            return this;
        }

        /**
         * Sets whether the record holds the SHA-256 of every file read and written. The default is yes. Hashing reads the original once
         * more, and takes two threads some half a second for each gigabyte; without it, writing is bound by the disk.
         *
         * @param checksums whether to hash
         * @return this builder
         */
        public Builder checksums(boolean checksums) {
            this.checksums = checksums;
            return this;
        }

        /**
         * Sets whether an existing checkpoint is replaced. The default is no. What is there is removed after the new one is complete;
         * a directory that holds something else than a checkpoint is never replaced.
         *
         * @param overwrite whether to replace
         * @return this builder
         */
        public Builder overwrite(boolean overwrite) {
            this.overwrite = overwrite;
            return this;
        }

        /**
         * Sets whether the result gets a {@code README.md} that says what was merged, how near the original it is and how to repeat it. The
         * default is yes; an original's card is then kept as {@code README.original.md}. Otherwise the original's is copied as it is.
         *
         * @param modelCard whether to write one
         * @return this builder
         */
        public Builder modelCard(boolean modelCard) {
            this.modelCard = modelCard;
            return this;
        }

        /**
         * Sets who is told how far the writing is, and the measurement of what was written. The default is nobody.
         *
         * @param listener the listener, told in the writing thread
         * @return this builder
         */
        public Builder listener(CheckpointListener listener) {
            this.listener = requireNonNull(listener, "listener");
            return this;
        }

        /**
         * Makes the writer.
         *
         * @return a new instance
         */
        public CheckpointWriter build() {
            return new CheckpointWriter(this);
        }
    }
}
