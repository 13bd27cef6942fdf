package org.laco.cli.progress;

import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import org.laco.measure.Score;
import org.laco.merge.MergeRule;
import org.laco.search.CollapseStep;

/** Says in words what a step of a search was. */
public final class StepText {
    private StepText() {}

    /**
     * Names the layers of a candidate.
     *
     * @param step the step
     * @return the first and the last of each span, such as {@code 24-27} or {@code 4-5, 24-27}
     */
    public static String layers(CollapseStep step) {
        return step.spans().entrySet().stream()
                .map(span -> span.getKey() + "-" + (span.getKey() + span.getValue()))
                .collect(Collectors.joining(", "));
    }

    /** Names what the search compares by. */
    static String metric(CollapseStep step) {
        return step.score().map(Score::metric).orElse("similarity");
    }

    /**
     * Returns the score of a candidate by what the search compares by.
     *
     * @param step the step
     * @return four digits, or a dash if the candidate was skipped
     */
    public static String score(CollapseStep step) {
        return digits(step.score().map(Score::value));
    }

    /**
     * Returns the similarity of a candidate, whatever the search compares by.
     *
     * @param step the step
     * @return four digits, or a dash if nobody has measured it
     */
    public static String similarity(CollapseStep step) {
        return digits(step.similarity().stream().boxed().findFirst());
    }

    private static String digits(Optional<Double> value) {
        return value.map(some -> String.format(Locale.ROOT, "%.4f", some)).orElse("-");
    }

    /**
     * Returns the rule by which layers were merged.
     *
     * @param step the step
     * @return its name, or a dash if there was none or several
     */
    public static String rule(CollapseStep step) {
        return step.rule().map(MergeRule::name).orElse("-");
    }

    /**
     * Describes what became of a candidate.
     *
     * @param step the step
     * @return merged, refused, or skipped and why
     */
    public static String outcome(CollapseStep step) {
        return step.skipped().map(reason -> "skipped: " + reason).orElse(step.accepted() ? "merged" : "refused");
    }

    /** Returns all of it in one line. */
    static String sentence(CollapseStep step) {
        return "layers " + layers(step)
                + step.rule().map(rule -> " by " + rule.name()).orElse("") + ": " + metric(step) + " "
                + score(step) + ", "
                + outcome(step);
    }
}
