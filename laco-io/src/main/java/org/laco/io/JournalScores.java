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
import java.util.function.Consumer;
import org.laco.measure.Score;

/** The answers of a journal in the order in which they were asked for, and room for more. */
final class JournalScores {
    private final Json json = new Json();
    private final JournalFile file;
    private final Queue<Answer> known = new ArrayDeque<>();
    private final Consumer<ObjectNode> label;
    private int kept;

    private JournalScores(JournalFile file, Consumer<ObjectNode> label) {
        this.file = file;
        this.label = label;
    }

    /**
     * A question with its answer.
     *
     * @param line the number of the line, from 1
     */
    private record Answer(int line, JournalQuestion question, ImmutableList<Score> scores) {}

    /** Takes over what the lines after a journal's first hold. */
    static JournalScores of(JournalFile file, List<JsonNode> lines) throws IOException {
        return of(file, JournalLine.of(lines.subList(Math.min(1, lines.size()), lines.size()), 2), node -> {});
    }

    /**
     * Takes over what some lines of a journal hold.
     *
     * @param label puts into new lines what tells them from others of the file
     */
    static JournalScores of(JournalFile file, List<JournalLine> lines, Consumer<ObjectNode> label) throws IOException {
        JournalScores scores = new JournalScores(file, label);
        for (JournalLine line : lines) {
            Answer answer = answer(file, line.number(), line.content());
            scores.known.add(answer);
            scores.kept += answer.scores().size();
        }
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

    /** Returns how many scores the lines hold. */
    int kept() {
        return kept;
    }

    /**
     * Answers the next question.
     *
     * @return empty once all that is known was asked for
     * @throws JournalMismatchException if another question came next when the journal was written
     */
    Optional<ImmutableList<Score>> next(JournalQuestion question) {
        if (known.isEmpty()) {
            return Optional.empty();
        }
        Answer answer = known.remove();
        if (!answer.question().equals(question)) {
            throw new JournalMismatchException(file + ", line " + answer.line()
                    + ": the search wants other candidates scored here than the one that the journal was written by: "
                    + "remove it to begin anew");
        }
        return Optional.of(answer.scores());
    }

    /** Keeps an answer. */
    void add(JournalQuestion question, ImmutableList<Score> scores) {
        ObjectNode node = json.object();
        label.accept(node);
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
