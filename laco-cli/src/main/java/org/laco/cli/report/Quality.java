package org.laco.cli.report;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.laco.cli.progress.Progress;
import org.laco.examples.EmbeddedModel;
import org.laco.io.Checkpoint;
import org.laco.io.ChoiceFile;
import org.laco.measure.Accuracy;
import org.laco.measure.MeasureSettings;
import org.laco.measure.MultipleChoice;
import org.laco.measure.Perplexity;
import org.laco.measure.TokenLogProbabilities;

/**
 * How good a model is.
 *
 * @param perplexity on a text, if there was one
 * @param choices on questions, if there were any
 * @param logLikelihoods whether the JSON has those of all choices
 */
public record Quality(Optional<Perplexity> perplexity, Optional<MultipleChoice> choices, boolean logLikelihoods) {
    /**
     * Measures a model on the embedded model's held-out text and questions.
     *
     * @param checkpoint the model
     * @param embedded the texts
     * @param progress shows how it goes on
     * @return both measures
     * @throws IOException if a text can't be read
     */
    public static Quality of(Checkpoint checkpoint, EmbeddedModel embedded, Progress progress) throws IOException {
        TokenLogProbabilities probabilities = TokenLogProbabilities.of(
                checkpoint.model(), MeasureSettings.defaults().withListener(progress::share));
        progress.phase("perplexity");
        List<int[]> lines = new ArrayList<>();
        for (String line : Files.readAllLines(embedded.heldOut())) {
            lines.add(checkpoint.tokenizer().encode(line));
        }
        Perplexity perplexity = Perplexity.ofSequences(probabilities, lines);
        progress.phase("multiple choice");
        MultipleChoice answers =
                MultipleChoice.measure(probabilities, ChoiceFile.read(embedded.choices(), checkpoint.tokenizer()));
        return new Quality(Optional.of(perplexity), Optional.of(answers), false);
    }

    /**
     * Prints what was measured.
     *
     * @param out where to print
     */
    public void print(PrintWriter out) {
        perplexity.ifPresent(measured -> out.printf(
                Locale.ROOT,
                "perplexity   %.4f (%.6f nats a token, %,d tokens)%n",
                measured.perplexity(),
                measured.meanNegativeLogLikelihood(),
                measured.tokens()));
        choices.ifPresent(measured -> {
            print(out, "accuracy", measured.accuracy());
            measured.accNorm().ifPresent(accuracy -> print(out, "  acc_norm", accuracy));
            measured.accBytes().ifPresent(accuracy -> print(out, "  acc_bytes", accuracy));
            print(out, "  per token", measured.accuracyPerToken());
            measured.accuracyPerByte().ifPresent(accuracy -> print(out, "  per byte", accuracy));
        });
        out.flush();
    }

    private static void print(PrintWriter out, String name, Accuracy accuracy) {
        out.printf(
                Locale.ROOT,
                "%-12s %.1f %% (%d of %d%s)%n",
                name,
                100 * accuracy.value(),
                accuracy.correct(),
                accuracy.items(),
                accuracy.items() == 1
                        ? ""
                        : String.format(Locale.ROOT, ", standard error %.1f", 100 * accuracy.standardError()));
    }

    /**
     * Puts what was measured into an object.
     *
     * @param node the object
     */
    public void encode(ObjectNode node) {
        perplexity.ifPresent(measured -> node.put("perplexity", measured.perplexity())
                .put("meanNegativeLogLikelihood", measured.meanNegativeLogLikelihood())
                .put("tokens", measured.tokens()));
        choices.ifPresent(measured -> {
            node.put("items", measured.accuracy().items())
                    .put("correct", measured.accuracy().correct())
                    .put("chance", measured.chance());
            encode(node, "accuracy", "standardError", measured.accuracy());
            encode(node, "accuracyPerToken", measured.accuracyPerToken());
            measured.accuracyPerByte().ifPresent(accuracy -> encode(node, "accuracyPerByte", accuracy));
            measured.accNorm().ifPresent(accuracy -> encode(node, "accNorm", accuracy));
            measured.accBytes().ifPresent(accuracy -> encode(node, "accBytes", accuracy));
            if (!measured.byKind().isEmpty()) {
                ObjectNode kinds = node.putObject("accuracyByKind");
                measured.byKind().forEach((kind, accuracy) -> kinds.put(kind, accuracy.value()));
            }
            if (logLikelihoods) {
                ArrayNode items = node.putArray("logLikelihoods");
                measured.logLikelihoods().forEach(each -> each.forEach(items.addArray()::add));
            }
        });
    }

    private static void encode(ObjectNode node, String name, Accuracy accuracy) {
        encode(node, name, name + "StandardError", accuracy);
    }

    private static void encode(ObjectNode node, String name, String errorName, Accuracy accuracy) {
        node.put(name, accuracy.value());
        // Of one question there is none, and JSON knows no NaN.
        node.put(errorName, accuracy.items() == 1 ? null : (Double) accuracy.standardError());
    }
}
