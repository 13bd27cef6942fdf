package org.laco.io;

import static com.google.common.base.Preconditions.checkState;
import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.laco.Journal;
import org.laco.search.Measurements;

/**
 * Keeps the scores of several searches of one model that share what they measure, in a file beside where their results will be,
 * {@code .NAME.laco-journal}, so that a series that was killed can go on.
 *
 * <pre>{@code
 * try (SeriesJournal journal = SeriesJournal.open(checkpoint, target)) {
 *     journal.begin(Map.of("layers", "21, 24, 27"));
 *     for (int layers : List.of(21, 24, 27)) {
 *         String name = "to " + layers;
 *         Path result = target.resolve(name);
 *         if (Files.exists(result)) {
 *             journal.skip(name);
 *         } else {
 *             CollapseResult found = LayerCollapse.builder()
 *                     .targetLayers(layers)
 *                     .calibration(calibration)
 *                     .journal(journal.search(name))
 *                     .build()
 *                     .apply(checkpoint.model());
 *             journal.complete(name);
 *             CheckpointWriter.builder().build().write(checkpoint, found, result);
 *         }
 *     }
 *     journal.remove();
 * }
 * }</pre>
 *
 * <p>What a search asks for depends on what those before it have measured. So the searches of a series are asked for in the same order each
 * time: the complete ones are skipped, which brings back what they measured, and the first that isn't is answered from the file as far
 * as that goes. What was damaged or is of another series is refused.
 */
public final class SeriesJournal implements AutoCloseable {
    private final Json json = new Json();
    private final MeasuredScoreJson scores = new MeasuredScoreJson();
    private final Measurements measurements = Measurements.create();
    private final Map<String, JournalOfSeries> searches = new HashMap<>();
    private final NamedAlike named = new NamedAlike();
    private final Checkpoint checkpoint;
    private final JournalFile file;
    private final SeriesLines lines;
    private boolean begun;
    /** How many of the measurements are written. */
    private int written;

    private SeriesJournal(Checkpoint checkpoint, JournalFile file, SeriesLines lines) {
        this.checkpoint = checkpoint;
        this.file = file;
        this.lines = lines;
    }

    /**
     * Goes on with a journal, or starts one if there is none.
     *
     * @param checkpoint what is searched
     * @param target where the results will be
     * @return the journal, which the caller closes
     * @throws IOException if it was damaged, another search or series keeps it, or it can't be read or written
     */
    public static SeriesJournal open(Checkpoint checkpoint, Path target) throws IOException {
        JournalFile file = JournalFile.open(KeptBeside.of(target, ".laco-journal"));
        try {
            return new SeriesJournal(requireNonNull(checkpoint, "checkpoint"), file, SeriesLines.of(file));
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
    }

    /**
     * Begins with the series, before its first search.
     *
     * @param settings what tells it from other series: what is searched for, and all that results depend on
     * @throws JournalMismatchException if what is kept is of another; the message says in what it differs
     * @throws IOException if the journal can't be written
     */
    public void begin(Map<String, String> settings) throws IOException {
        checkState(!begun, "the series was begun already");
        ObjectNode content = json.object();
        content.put("journal", JournalHeader.FORM);
        content.put("laco", CollapseRecord.version());
        settings.forEach(content.putObject("series")::put);
        JournalHeader header = new JournalHeader(content);
        if (lines.header().isPresent()) {
            header.requireEqual(lines.header().get(), file, "another series of searches");
        } else {
            file.append(header.encode());
        }
        begun = true;
    }

    /**
     * Returns the journal of one search, which has the measurements of the series with it.
     *
     * @param name the search's name in the series
     * @return the journal, for one search
     * @throws IllegalStateException if the series wasn't begun, or the search was asked for before
     */
    public Journal search(String name) {
        checkState(begun, "the series wasn't begun");
        JournalOfSeries journal = new JournalOfSeries(name, checkpoint, file, lines, measurements, named);
        checkState(searches.put(name, journal) == null, "the series has had a search %s already", name);
        return journal;
    }

    /**
     * Keeps what a search has measured for those that follow, whose end is then known, before its result is written.
     *
     * @param name the search's name
     * @throws IOException if the journal can't be written
     */
    public void complete(String name) throws IOException {
        if (!lines.isComplete(name)) {
            ObjectNode node = json.object().put(SeriesLines.SEARCH, name);
            ArrayNode learnt = node.putArray(SeriesLines.LEARNT);
            measurements.measuredSince(written).forEach(score -> learnt.add(scores.encode(score)));
            file.append(node);
        }
        written = measurements.measuredCount();
    }

    /**
     * Brings back what a search has measured whose result is there.
     *
     * @param name the search's name; nothing is known of one of another series
     */
    public void skip(String name) {
        measurements.add(lines.learnt(name));
    }

    /**
     * Returns how long the scores of a search took to measure that the journal had when it was opened.
     *
     * @param name the search's name
     * @return zero for one that nothing was known of
     */
    public Duration spent(String name) {
        return lines.spent(name);
    }

    /**
     * Returns how many scores the journal had when it was opened, none of which is measured again.
     *
     * @return 0 for a new one
     */
    public int known() {
        return lines.count();
    }

    /**
     * Returns how many scores the journal holds.
     *
     * @return those it had when it was opened and those that were measured since
     */
    public int kept() {
        return known()
                + searches.values().stream().mapToInt(JournalOfSeries::added).sum();
    }

    /**
     * Removes the file, once all results are complete.
     *
     * @throws IOException if it can't be removed
     */
    public void remove() throws IOException {
        file.remove();
    }

    /**
     * Waits until all scores are on the disk, closes the file, and leaves it where it is for {@link #open}; one without a score is
     * removed.
     *
     * @throws IOException if it can't be forced to disk, closed or removed
     */
    @Override
    public void close() throws IOException {
        if (kept() == 0) {
            file.remove();
        }
        file.close();
    }
}
