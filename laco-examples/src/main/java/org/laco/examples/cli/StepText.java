package org.laco.examples.cli;

import java.util.Locale;
import org.laco.merge.MergeRule;
import org.laco.search.CollapseStep;

/** Says in words what a step of a search was. */
final class StepText {
    private StepText() {}

    /** Names the layers of a candidate, such as {@code 24-27}. */
    static String layers(CollapseStep step) {
        return step.layer() + "-" + (step.layer() + step.merged());
    }

    /** Returns the name of what the search compares by. */
    static String metric(CollapseStep step) {
        return step.metric().orElse("similarity");
    }

    /** Returns the similarity with four digits, or a dash if the candidate was skipped. */
    static String similarity(CollapseStep step) {
        return step.similarity().isPresent()
                ? String.format(Locale.ROOT, "%.4f", step.similarity().getAsDouble())
                : "-";
    }

    /** Returns the rule by which layers were merged, or a dash if there was none or several. */
    static String rule(CollapseStep step) {
        return step.rule().map(MergeRule::name).orElse("-");
    }

    static String outcome(CollapseStep step) {
        return step.skipped().map(reason -> "skipped: " + reason).orElse(step.accepted() ? "merged" : "refused");
    }

    static String sentence(CollapseStep step) {
        return "layers " + layers(step)
                + step.rule().map(rule -> " by " + rule.name()).orElse("") + ": " + metric(step) + " "
                + similarity(step) + ", "
                + outcome(step);
    }
}
