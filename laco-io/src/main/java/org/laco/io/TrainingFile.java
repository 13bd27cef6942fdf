package org.laco.io;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.Optional;
import org.laco.base.Cancellation;
import org.laco.io.array.FileTensors;
import org.laco.io.array.WrittenTensor;
import org.laco.io.safetensors.SafetensorsException;
import org.laco.io.safetensors.SafetensorsWriter;
import org.laco.tensor.StoredTensor;
import org.laco.train.TrainingState;
import org.laco.train.TrainingStore;

/**
 * Keeps the state of a training in a file beside where its result will be, {@code .NAME.laco-training}, so that a training that was killed
 * can go on.
 *
 * <pre>{@code
 * Path target = Path.of("SmolLM2-24-healed");
 * try (TrainingFile file = TrainingFile.resume(target, model, Optional.of(original))) {
 *     PostTraining training = PostTraining.builder().store(file).build();
 *     // … train and write
 *     file.remove();
 * }
 * }</pre>
 *
 * <p>The file is a safetensors file; it is written under another name, forced to disk, and renamed, so that it is whole at any time. What
 * was damaged or is of another model, original or version is refused. While it is open, {@code .NAME.laco-training.lock} is locked.
 */
public final class TrainingFile implements TrainingStore, AutoCloseable {
    private static final String ENDING = ".laco-training";

    private final Path file;
    private final TrainingSubject subject;
    private final Path lockFile;
    private final FileChannel lock;

    private TrainingFile(Path file, TrainingSubject subject, Path lockFile, FileChannel lock) {
        this.file = file;
        this.subject = subject;
        this.lockFile = lockFile;
        this.lock = lock;
    }

    /**
     * Starts a file.
     *
     * @param target where the result of the training will be
     * @param model what is trained
     * @param original what it is trained toward, empty if it is the original that is collapsed and trained
     * @return the file, which the caller closes
     * @throws IOException if there is one already, another training keeps it, or nothing can be written there
     */
    public static TrainingFile create(Path target, Checkpoint model, Optional<Checkpoint> original) throws IOException {
        TrainingFile opened = open(target, TrainingSubject.of(model, original));
        if (Files.exists(opened.file, LinkOption.NOFOLLOW_LINKS)) {
            opened.close();
            throw new CutOffException("a training to " + target + " was cut off, and " + opened.file
                    + " holds how far it was: resume it, or remove that file to begin anew");
        }
        return opened;
    }

    /**
     * Starts a file in the place of one that may be there.
     *
     * @param target where the result of the training will be
     * @param model what is trained
     * @param original what it is trained toward, empty if it is the original that is collapsed and trained
     * @return the file, which the caller closes
     * @throws IOException if another training keeps it, or nothing can be written there
     */
    public static TrainingFile replace(Path target, Checkpoint model, Optional<Checkpoint> original)
            throws IOException {
        TrainingFile opened = open(target, TrainingSubject.of(model, original));
        try {
            opened.remove();
            return opened;
        } catch (IOException e) {
            opened.close();
            throw e;
        }
    }

    /**
     * Goes on with a file, or starts one if there is none.
     *
     * @param target where the result of the training will be
     * @param model what is trained
     * @param original what it is trained toward, empty if it is the original that is collapsed and trained
     * @return the file, which the caller closes
     * @throws IOException if another training keeps it, or nothing can be written there
     */
    public static TrainingFile resume(Path target, Checkpoint model, Optional<Checkpoint> original) throws IOException {
        return open(target, TrainingSubject.of(model, original));
    }

    private static TrainingFile open(Path target, TrainingSubject subject) throws IOException {
        Path file = KeptBeside.of(target, ENDING);
        Path lockFile = file.resolveSibling(file.getFileName() + ".lock");
        while (true) {
            FileChannel lock = FileChannel.open(
                    lockFile, StandardOpenOption.CREATE, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
            try {
                TrainingFile opened = new TrainingFile(file, subject, lockFile, lock);
                opened.acquire();
                // Who held the lock before may have removed the file.
                if (Files.exists(lockFile, LinkOption.NOFOLLOW_LINKS)) {
                    Files.deleteIfExists(opened.unfinished());
                    return opened;
                }
            } catch (IOException e) {
                lock.close();
                throw e;
            }
            lock.close();
        }
    }

    private void acquire() throws IOException {
        if (ProcessLock.tryLock(lock) == ProcessLock.Outcome.TAKEN) {
            throw new IOException(file + " is kept by another training to the same place, which is still running");
        }
    }

    /** Where a state is written before it takes its name; what a killed process has left there is of no use. */
    private Path unfinished() {
        return file.resolveSibling(file.getFileName() + ".new");
    }

    /**
     * Returns whether there is a state to go on from.
     *
     * @return whether there is a file
     */
    public boolean isBegun() {
        return Files.exists(file, LinkOption.NOFOLLOW_LINKS);
    }

    @Override
    public Optional<TrainingState> load() throws IOException {
        if (!isBegun()) {
            return Optional.empty();
        }
        try (FileTensors opened = FileTensors.open(file)) {
            requireSame(opened.mapped().metadata());
            return Optional.of(new KeptTraining(opened).state());
        } catch (SafetensorsException e) {
            throw new IOException(e.getMessage() + ": the kept training is damaged, remove it to begin anew", e);
        }
    }

    private void requireSame(ImmutableMap<String, String> metadata) throws IOException {
        for (Map.Entry<String, String> own : subject.described().entrySet()) {
            String there = metadata.getOrDefault(own.getKey(), "absent");
            if (!there.equals(own.getValue())) {
                throw new IOException(
                        file + " is the state of another training: " + own.getKey() + " is \"" + own.getValue()
                                + "\" now and was \"" + there
                                + "\"; resume with what it began with, or remove the file to begin anew");
            }
        }
    }

    @Override
    public void save(TrainingState state) throws IOException {
        ImmutableList<StoredTensor> tensors = TrainingTensors.of(state);
        try {
            Files.deleteIfExists(unfinished());
            SafetensorsWriter.writeFile(
                    unfinished(),
                    WrittenTensor.allOf(tensors),
                    ImmutableMap.<String, String>builder()
                            .putAll(subject.described())
                            .put(TrainingTensors.FINGERPRINT, state.fingerprint())
                            .put(TrainingTensors.SHA256, TrainingTensors.hash(tensors))
                            .buildOrThrow());
            Files.move(unfinished(), file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (ClosedByInterruptException e) {
            throw Cancellation.of(e);
        } catch (IOException e) {
            // The system says what is wrong, such as a full disk, but not where.
            throw new IOException(file + " can't be written: " + e.getMessage(), e);
        }
    }

    /**
     * Removes the file, once the result is complete.
     *
     * @throws IOException if it can't be removed
     */
    public void remove() throws IOException {
        Files.deleteIfExists(file);
    }

    /**
     * Gives up the lock, and leaves the file where it is for {@link #resume}.
     *
     * @throws IOException if something that is of no use any more can't be removed
     */
    @Override
    public void close() throws IOException {
        try (lock) {
            Files.deleteIfExists(unfinished());
            Files.deleteIfExists(lockFile);
        }
    }

    @Override
    public String toString() {
        return file.toString();
    }
}
