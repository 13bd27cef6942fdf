package org.laco.cli.report;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;
import java.util.OptionalDouble;
import org.laco.train.PostTrainingResult;

/**
 * Tells what a training did and what it took.
 *
 * @param result what it gave
 * @param text the name of the text
 * @param time how long all of it took
 * @param tokensPerSecond how fast the steps of this run were, empty if it took one or none
 */
public record TrainingReport(PostTrainingResult result, String text, Duration time, OptionalDouble tokensPerSecond) {
    /** Says what became of the loss. */
    void print(PrintWriter out) {
        line(
                out,
                "trained",
                result.settings().get("trained") + ", " + Quantity.count(result.parameters()) + " parameters, by "
                        + result.settings().get("loss"));
        line(
                out,
                "loss",
                result.improved()
                        ? String.format(
                                Locale.ROOT,
                                "%.4f -> %.4f (%+.1f %%) on the validation text, after %,d tokens of %s",
                                result.lossBefore(),
                                result.lossAfter(),
                                100 * (result.lossAfter() / result.lossBefore() - 1),
                                result.tokens(),
                                text)
                        : String.format(
                                Locale.ROOT,
                                "%.4f on the validation text: no step made it smaller, so that no weight was changed",
                                result.lossBefore()));
        line(
                out,
                "training",
                Quantity.seconds(time)
                        + (tokensPerSecond.isPresent()
                                ? String.format(Locale.ROOT, ", %.0f tokens a second", tokensPerSecond.getAsDouble())
                                : ""));
    }

    private static void line(PrintWriter out, String name, String value) {
        out.printf("%-12s %s%n", name, value);
    }

    /** Adds what isn't in the record. */
    void encode(ObjectNode node) {
        ObjectNode cost = node.putObject("trainingCost").put("seconds", time.toMillis() / 1000.0);
        tokensPerSecond.ifPresent(speed -> cost.put("tokensPerSecond", Math.round(speed * 10) / 10.0));
    }
}
