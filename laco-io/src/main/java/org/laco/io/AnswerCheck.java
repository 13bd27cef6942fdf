package org.laco.io;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.primitives.ImmutableDoubleArray;
import java.util.Arrays;
import java.util.Locale;
import org.laco.io.Verification.Check;
import org.laco.io.Verification.Outcome;
import org.laco.measure.Accuracy;
import org.laco.measure.ChoiceAccuracy;
import org.laco.measure.MultipleChoice;
import org.laco.model.CausalModel;
import org.laco.stack.Calibration;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Asks a collapsed model the questions by which its search was judged. */
final class AnswerCheck {
    static final String NAME = "accuracy";
    private static final String SHARE = "accuracy.share";

    /** How far the mean share of the right choices may be from the recorded one; equal weights differ by rounding only. */
    private static final double REPRODUCED = 1e-4;

    /** Two choices whose log-likelihoods are nearer than this in nats may change places by rounding. */
    private static final double TIE = 1e-3;

    private final JsonNode record;
    private final Calibration sequences;

    /** Prepares the check of a record, given the sequences that it holds. */
    AnswerCheck(JsonNode record, Calibration sequences) {
        this.record = record;
        this.sequences = sequences;
    }

    /** Compares the answers with the record, given the model's final hidden states on the recorded sequences. */
    Check check(INDArray output, CausalModel model) {
        JsonNode measures = record.path("measures");
        if (!measures.path(NAME).isNumber() || !measures.path(SHARE).isNumber()) {
            return new Check(
                    NAME,
                    Outcome.SKIPPED,
                    "the record has no accuracy of these weights: they were trained after the search");
        }
        ChoiceAccuracy questions;
        try {
            questions = RecordedQuestions.read(record, sequences);
        } catch (IllegalArgumentException e) {
            return new Check(NAME, Outcome.FAILED, "they can't be asked: " + e.getMessage());
        }
        return compare(questions, questions.answers(output, model), measures);
    }

    private static Check compare(ChoiceAccuracy questions, MultipleChoice answers, JsonNode recorded) {
        Accuracy accuracy = answers.accuracy();
        long right = Math.round(recorded.get(NAME).doubleValue() * accuracy.items());
        double share = questions.figures(answers).get(SHARE);
        long ties = answers.logLikelihoods().stream().filter(AnswerCheck::isTie).count();
        boolean same = Math.abs(accuracy.correct() - right) <= ties
                && Math.abs(share - recorded.get(SHARE).doubleValue()) <= REPRODUCED;
        return new Check(
                NAME,
                same ? Outcome.PASSED : Outcome.FAILED,
                String.format(
                        Locale.ROOT,
                        "measured %d of %d and a mean share of %.6f, recorded %d and %.6f",
                        accuracy.correct(),
                        accuracy.items(),
                        share,
                        right,
                        recorded.get(SHARE).doubleValue()));
    }

    private static boolean isTie(ImmutableDoubleArray sums) {
        double[] sorted = sums.toArray();
        Arrays.sort(sorted);
        return sorted.length > 1 && sorted[sorted.length - 1] - sorted[sorted.length - 2] < TIE;
    }
}
