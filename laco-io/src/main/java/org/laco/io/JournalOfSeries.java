package org.laco.io;

import com.google.common.base.Stopwatch;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.laco.Journal;
import org.laco.evaluate.Evaluator;
import org.laco.search.Measurements;

/** The scores of one search of a series. */
final class JournalOfSeries implements Journal {
    private final String name;
    private final Checkpoint checkpoint;
    private final JournalFile file;
    private final SeriesLines lines;
    private final Measurements measurements;
    private final NamedAlike named;
    private final Stopwatch measuring = Stopwatch.createUnstarted();
    private Optional<JournalScores> scores = Optional.empty();
    private int known;

    JournalOfSeries(
            String name,
            Checkpoint checkpoint,
            JournalFile file,
            SeriesLines lines,
            Measurements measurements,
            NamedAlike named) {
        this.name = name;
        this.checkpoint = checkpoint;
        this.file = file;
        this.lines = lines;
        this.measurements = measurements;
        this.named = named;
    }

    @Override
    public Optional<Measurements> measurements() {
        return Optional.of(measurements);
    }

    @Override
    public void begin(Subject subject) {
        named.require(
                "metric", subject.scoring().metric().name(), subject.scoring().metric());
        subject.fit().ifPresent(fit -> named.require("fit", fit.name(), fit));
        try {
            JournalHeader header = JournalHeader.of(checkpoint, subject);
            if (lines.begun(name).isPresent()) {
                header.requireEqual(lines.begun(name).get(), file, "another search than " + name);
            } else {
                file.append(new Json().object().put(SeriesLines.SEARCH, name).set(SeriesLines.BEGUN, header.encode()));
            }
            JournalScores kept = JournalScores.of(file, lines.scores(name), line -> line.put(SeriesLines.SEARCH, name)
                    .put(SeriesLines.SECONDS, lap()));
            known = kept.kept();
            scores = Optional.of(kept);
        } catch (IOException e) {
            throw new UncheckedIOException(e.getMessage(), e);
        }
        measuring.start();
    }

    /** Returns the seconds since the last score was kept. */
    private double lap() {
        double seconds = measuring.elapsed(TimeUnit.MILLISECONDS) / 1000.0;
        measuring.reset().start();
        return seconds;
    }

    /** Returns how many scores were measured since the journal was opened. */
    int added() {
        return scores.map(kept -> kept.kept() - known).orElse(0);
    }

    @Override
    public Evaluator around(Evaluator scoring) {
        return new JournaledEvaluator(
                scoring, scores.orElseThrow(() -> new IllegalStateException("the journal wasn't begun")));
    }
}
