package org.laco.sweep;

import com.google.common.collect.ImmutableList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * Something that a sweep measures of each point, and how it is shown.
 *
 * @param name what it is called
 * @param fileName the name of its plot, without an ending
 * @param explanation a sentence on what it says
 * @param percent whether it is a share, shown in per cent
 * @param logarithmic whether ratios of it count rather than differences
 * @param lessIsBetter whether the lesser of two is the better
 * @param value its value at a point, null or not finite where it wasn't measured
 * @param error the standard error of that, null where there is none
 */
record SweepQuantity(
        String name,
        String fileName,
        String explanation,
        boolean percent,
        boolean logarithmic,
        boolean lessIsBetter,
        Function<SweepPoint, Double> value,
        Function<SweepPoint, Double> error) {
    private static final String STANDARD_ERROR = "accuracyStandardError";
    private static final double PERCENT = 100;

    /** Returns what was measured of at least one point. */
    static ImmutableList<SweepQuantity> of(List<SweepPoint> points) {
        Set<String> texts = new LinkedHashSet<>();
        points.forEach(point -> texts.addAll(point.perplexity().keySet()));
        ImmutableList.Builder<SweepQuantity> quantities = ImmutableList.builder();
        texts.forEach(text -> quantities.add(perplexity(text)));
        quantities.add(accuracy(), tasks(), divergence(), similarity());
        return quantities.build().stream()
                .filter(quantity ->
                        points.stream().anyMatch(point -> quantity.at(point).isPresent()))
                .collect(ImmutableList.toImmutableList());
    }

    private static SweepQuantity perplexity(String text) {
        return new SweepQuantity(
                "perplexity on " + text,
                "perplexity-" + text.replaceAll("[^A-Za-z0-9._-]", "_"),
                "Less is better. Nothing is known of its error: one text was measured.",
                false,
                true,
                true,
                point -> point.perplexity().get(text),
                point -> null);
    }

    private static SweepQuantity accuracy() {
        return new SweepQuantity(
                "accuracy",
                "accuracy",
                "More is better. Bars and ± are one standard error; marked are those than which none is better by more than that.",
                true,
                false,
                false,
                SweepPoint::accuracy,
                point -> point.choices().get(STANDARD_ERROR));
    }

    private static SweepQuantity tasks() {
        return new SweepQuantity(
                "mean accuracy on the tasks",
                "tasks",
                "More is better; each task counts the same. Bars and ± are one standard error; marked are those than which none is better by more.",
                true,
                false,
                false,
                point -> TaskPoint.mean(point.tasks(), TaskPoint::acc).orElse(null),
                point -> TaskPoint.standardError(point.tasks(), TaskPoint::acc).orElse(null));
    }

    private static SweepQuantity divergence() {
        return new SweepQuantity(
                "divergence from the original's predictions",
                "divergence",
                "Less is better: the mean Kullback-Leibler divergence of next-token distributions, in nats, on the first text.",
                false,
                true,
                true,
                SweepPoint::divergence,
                point -> null);
    }

    private static SweepQuantity similarity() {
        return new SweepQuantity(
                "similarity (cosine)",
                "similarity",
                "More is nearer to the original, on the calibration sequences, by the paper's measure. It says little of what a model can do.",
                false,
                false,
                false,
                SweepPoint::similarity,
                point -> null);
    }

    /** Returns its value where there is one that can be shown. */
    Optional<Double> at(SweepPoint point) {
        return Optional.ofNullable(value.apply(point)).filter(Double::isFinite);
    }

    /** Returns its standard error where there is one. */
    Optional<Double> errorAt(SweepPoint point) {
        return Optional.ofNullable(error.apply(point)).filter(Double::isFinite);
    }

    /** Returns a number as it is plotted. */
    double shown(double number) {
        return percent ? PERCENT * number : number;
    }

    /** Writes a point's value, with its standard error where there is one. */
    String text(SweepPoint point) {
        return at(point).map(this::number).orElse("")
                + errorAt(point)
                        .map(each -> String.format(Locale.ROOT, percent ? " ± %.1f" : " ± %.4f", shown(each)))
                        .orElse("")
                + (percent && at(point).isPresent() ? " %" : "");
    }

    private String number(double number) {
        if (percent) {
            return String.format(Locale.ROOT, "%.1f", shown(number));
        }
        double size = Math.abs(number);
        return String.format(
                Locale.ROOT, size >= 10_000 ? "%,.0f" : size >= 100 ? "%,.1f" : size >= 1 ? "%.3f" : "%.4f", number);
    }
}
