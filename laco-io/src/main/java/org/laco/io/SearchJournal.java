package org.laco.io;

import static com.google.common.base.Preconditions.checkState;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Optional;
import org.laco.Journal;
import org.laco.evaluate.Evaluator;

/**
 * Keeps the scores of a search in a file beside where its result will be, {@code .NAME.laco-journal}, so that a search that was killed
 * can go on.
 *
 * <pre>{@code
 * Path target = Path.of("SmolLM2-24");
 * try (SearchJournal journal = SearchJournal.resume(checkpoint, target)) {
 *     CollapseResult result = LayerCollapse.builder()
 *             .targetLayers(24)
 *             .calibration(calibration)
 *             .journal(journal)
 *             .build()
 *             .apply(checkpoint.model());
 *     CheckpointWriter.builder().build().write(checkpoint, result, target);
 *     journal.remove();
 * }
 * }</pre>
 *
 * <p>Scores are kept bit by bit, together with the model, the sequences, the settings and the version that they depend on. They are written
 * as they are measured, which a process that is killed doesn't undo, and forced to disk while the next ones are measured. What was damaged
 * or is of another search is refused.
 */
public final class SearchJournal implements Journal, AutoCloseable {
    private static final int HEADER_LINES = 1;

    private final Checkpoint checkpoint;
    private final JournalFile file;
    private final ImmutableList<JsonNode> lines;
    private Optional<JournalScores> scores = Optional.empty();

    private SearchJournal(Checkpoint checkpoint, JournalFile file, ImmutableList<JsonNode> lines) {
        this.checkpoint = checkpoint;
        this.file = file;
        this.lines = lines;
    }

    /**
     * Starts a journal.
     *
     * @param checkpoint what is searched
     * @param target where the result will be
     * @return the journal, which the caller closes
     * @throws IOException if there is one with scores already, another search keeps it, or it can't be read or written
     */
    public static SearchJournal create(Checkpoint checkpoint, Path target) throws IOException {
        JournalFile file = open(target);
        try {
            int count = JournalScores.count(file.read());
            if (count > 0) {
                throw new CutOffException(String.format(
                        "a search to %s was cut off after %d scores, which %s holds: resume it, or remove that file to begin anew",
                        target, count, file));
            }
            file.clear();
            return new SearchJournal(checkpoint, file, ImmutableList.of());
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
    }

    /**
     * Starts a journal in the place of one that may be there.
     *
     * @param checkpoint what is searched
     * @param target where the result will be
     * @return the journal, which the caller closes
     * @throws IOException if another search keeps it, or it can't be written
     */
    public static SearchJournal replace(Checkpoint checkpoint, Path target) throws IOException {
        JournalFile file = open(target);
        try {
            file.clear();
            return new SearchJournal(checkpoint, file, ImmutableList.of());
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
    }

    /**
     * Goes on with a journal, or starts one if there is none.
     *
     * @param checkpoint what is searched
     * @param target where the result will be
     * @return the journal, which the caller closes
     * @throws IOException if it was damaged, another search keeps it, or it can't be read or written
     */
    public static SearchJournal resume(Checkpoint checkpoint, Path target) throws IOException {
        JournalFile file = open(target);
        try {
            return new SearchJournal(checkpoint, file, file.read());
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
    }

    private static JournalFile open(Path target) throws IOException {
        return JournalFile.open(KeptBeside.of(target, ".laco-journal"));
    }

    /**
     * Returns how many scores the journal had when it was opened, none of which is measured again.
     *
     * @return 0 for a new one
     */
    public int known() {
        return JournalScores.count(lines);
    }

    /**
     * Returns how many scores the journal holds for {@link #resume}.
     *
     * @return those it had when it was opened and those that were measured since; 0 until a search has begun, which may refuse it
     */
    public int kept() {
        return scores.map(JournalScores::kept).orElse(0);
    }

    @Override
    public void begin(Subject subject) {
        checkState(scores.isEmpty(), "a journal is of one search: make one for each");
        try {
            JournalHeader header = JournalHeader.of(checkpoint, subject);
            if (lines.isEmpty()) {
                file.append(header.encode());
            } else {
                header.requireEqual(lines.get(0), file, "another search");
            }
            scores = Optional.of(JournalScores.of(file, lines));
        } catch (IOException e) {
            throw new UncheckedIOException(e.getMessage(), e);
        }
    }

    @Override
    public Evaluator around(Evaluator scoring) {
        return new JournaledEvaluator(
                scoring, scores.orElseThrow(() -> new IllegalStateException("the journal wasn't begun")));
    }

    /**
     * Removes the file, once the result is complete.
     *
     * @throws IOException if it can't be removed
     */
    public void remove() throws IOException {
        file.remove();
    }

    /**
     * Waits until all scores are on the disk, closes the file, and leaves it where it is for {@link #resume}; one without a score is
     * removed, as of a search that was refused.
     *
     * @throws IOException if it can't be forced to disk, closed or removed
     */
    @Override
    public void close() throws IOException {
        if (file.lines() <= HEADER_LINES) {
            file.remove();
        }
        file.close();
    }
}
