package org.laco.cli.report;

import java.util.Optional;
import org.laco.measure.Accuracy;
import org.laco.measure.MultipleChoice;

/**
 * The answers to one task's questions.
 *
 * @param name the task's name
 * @param answers of the model
 * @param original the answers of the model that it is compared with, if there is one
 */
record TaskScore(String name, MultipleChoice answers, Optional<MultipleChoice> original) {
    /** The same questions' accuracy by one of the two measures that papers have. */
    enum Measure {
        ACCURACY("accuracy", "standardError"),
        ACC_NORM("accNorm", "accNormStandardError");

        private final String key;
        private final String errorKey;

        Measure(String key, String errorKey) {
            this.key = key;
            this.errorKey = errorKey;
        }

        String key() {
            return key;
        }

        String errorKey() {
            return errorKey;
        }

        Accuracy of(MultipleChoice answers) {
            return this == ACCURACY ? answers.accuracy() : answers.accNorm().orElseThrow();
        }
    }

    Accuracy accuracy(Measure measure) {
        return measure.of(answers);
    }

    double value(Measure measure) {
        return accuracy(measure).value();
    }

    double originalValue(Measure measure) {
        return measure.of(original.orElseThrow()).value();
    }
}
