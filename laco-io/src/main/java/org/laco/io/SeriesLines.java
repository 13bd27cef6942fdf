package org.laco.io;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableListMultimap;
import com.google.common.collect.Multimaps;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.laco.search.MeasuredScore;

/** What the journal of a series held when it was opened: a header, and for each search what it is, its scores, and what it measured. */
final class SeriesLines {
    static final String SEARCH = "search";
    static final String BEGUN = "begun";
    static final String ASKED = "asked";
    static final String LEARNT = "learnt";
    static final String SECONDS = "seconds";

    private final Optional<JsonNode> header;
    private final ImmutableListMultimap<String, JournalLine> lines;
    private final ImmutableListMultimap<String, MeasuredScore> learnt;

    private SeriesLines(
            Optional<JsonNode> header,
            ImmutableListMultimap<String, JournalLine> lines,
            ImmutableListMultimap<String, MeasuredScore> learnt) {
        this.header = header;
        this.lines = lines;
        this.learnt = learnt;
    }

    /** Reads a file. */
    static SeriesLines of(JournalFile file) throws IOException {
        return of(file, file.read());
    }

    static SeriesLines of(JournalFile file, List<JsonNode> read) throws IOException {
        if (read.isEmpty()) {
            return new SeriesLines(Optional.empty(), ImmutableListMultimap.of(), ImmutableListMultimap.of());
        }
        ImmutableList<JournalLine> numbered = JournalLine.of(read.subList(1, read.size()), 2);
        ImmutableListMultimap.Builder<String, MeasuredScore> learnt = ImmutableListMultimap.builder();
        MeasuredScoreJson json = new MeasuredScoreJson();
        for (JournalLine line : numbered) {
            JsonNode content = line.content();
            try {
                learnt.putAll(name(content), json.decode(ImmutableList.copyOf(content.path(LEARNT))));
            } catch (IllegalArgumentException e) {
                throw file.damaged(line.number(), "holds something else than scores");
            }
        }
        return new SeriesLines(
                Optional.of(read.get(0)), Multimaps.index(numbered, line -> name(line.content())), learnt.build());
    }

    private static String name(JsonNode content) {
        return content.path(SEARCH).asText();
    }

    Optional<JsonNode> header() {
        return header;
    }

    /** Returns what a search was when it began. */
    Optional<JsonNode> begun(String search) {
        return lines.get(search).stream()
                .map(line -> line.content().path(BEGUN))
                .filter(JsonNode::isObject)
                .findFirst();
    }

    /** Returns the lines with a search's scores. */
    ImmutableList<JournalLine> scores(String search) {
        List<JournalLine> scores = new ArrayList<>(lines.get(search));
        scores.removeIf(line -> !line.content().has(ASKED));
        return ImmutableList.copyOf(scores);
    }

    /** Returns whether a search came to its end. */
    boolean isComplete(String search) {
        return lines.get(search).stream().anyMatch(line -> line.content().has(LEARNT));
    }

    /** Returns what a search that came to its end added to what the series has measured. */
    ImmutableList<MeasuredScore> learnt(String search) {
        return learnt.get(search);
    }

    /** Returns how long it took to measure the scores of a search. */
    Duration spent(String search) {
        return Duration.ofMillis(Math.round(1000
                * lines.get(search).stream()
                        .mapToDouble(line -> line.content().path(SECONDS).asDouble())
                        .sum()));
    }

    /** Returns how many scores the searches have. */
    int count() {
        return JournalScores.count(
                lines.values().stream().map(JournalLine::content).toList());
    }
}
