package org.laco.io;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import org.laco.measure.Score;

/** The answers of a journal in the order in which they were asked for, and room for more. */
final class JournalScores {
    private final Json json = new Json();
    private final JournalFile file;
    private final Queue<Answer> known = new ArrayDeque<>();
    private int kept;

    private JournalScores(JournalFile file) {
        this.file = file;
    }

    /**
     * A question with its answer.
     *
     * @param line the number of the line, from 1
     */
    private record Answer(int line, JournalQuestion question, ImmutableList<Score> scores) {}

    /** Takes over what the lines after a journal's first hold. */
    static JournalScores of(JournalFile file, List<JsonNode> lines) throws IOException {
        JournalScores scores = new JournalScores(file);
        for (int i = 1; i < lines.size(); i++) {
            scores.known.add(answer(file, i + 1, lines.get(i)));
        }
        scores.kept = count(lines);
        return scores;
    }

    private static Answer answer(JournalFile file, int number, JsonNode line) throws IOException {
        JournalQuestion question = JournalQuestion.decode(line);
        ImmutableList.Builder<Score> scores = ImmutableList.builder();
        try {
            line.path("scores").forEach(score -> scores.add(ScoreJson.decode(score)));
        } catch (IllegalArgumentException e) {
            throw file.damaged(number, "holds something else than scores");
        }
        if (scores.build().size() != question.plans().size()) {
            throw file.damaged(number, "holds other scores than those of its plans");
        }
        return new Answer(number, question, scores.build());
    }

    /** Counts the scores of a journal's lines. */
    static int count(List<JsonNode> lines) {
        return lines.stream().mapToInt(line -> line.path("scores").size()).sum();
    }

    /** Returns how many scores the file holds. */
    int kept() {
        return kept;
    }

    /**
     * Answers the next question.
     *
     * @return empty once all that is known was asked for
     * @throws IllegalArgumentException if another question came next when the journal was written
     */
    Optional<ImmutableList<Score>> next(JournalQuestion question) {
        if (known.isEmpty()) {
            return Optional.empty();
        }
        Answer answer = known.remove();
        if (!answer.question().equals(question)) {
            throw new IllegalArgumentException(file + ", line " + answer.line()
                    + ": the search wants other candidates scored here than the one that the journal was written by: "
                    + "remove it to begin anew");
        }
        return Optional.of(answer.scores());
    }

    /** Keeps an answer. */
    void add(JournalQuestion question, ImmutableList<Score> scores) {
        ObjectNode node = json.object();
        question.encode(node);
        ArrayNode encoded = node.putArray("scores");
        scores.forEach(score -> ScoreJson.encode(score, encoded.addObject()));
        try {
            file.append(node);
            kept += scores.size();
        } catch (IOException e) {
            throw new UncheckedIOException(e.getMessage(), e);
        }
    }
}
