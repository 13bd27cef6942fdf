package org.laco.measure;

/** The ways of counting right answers that papers and lm-evaluation-harness have. */
public enum AccuracyMeasure {
    /** By the sum of a choice's log-probabilities. */
    ACC("acc"),
    /** By the sum divided by the choice's characters, the space before it not counted. */
    ACC_NORM("acc_norm"),
    /** By the sum divided by the choice's UTF-8 bytes, the space before it not counted. */
    ACC_BYTES("acc_bytes");

    private final String label;

    AccuracyMeasure(String label) {
        this.label = label;
    }

    /**
     * Returns the name that lm-evaluation-harness gives it.
     *
     * @return such as {@code acc_norm}
     */
    public String label() {
        return label;
    }

    /**
     * Counts the right answers to questions.
     *
     * @param answers the answers
     * @return the accuracy by this measure
     * @throws IllegalArgumentException if it needs the choices' texts and they aren't known
     */
    public Accuracy of(MultipleChoice answers) {
        return switch (this) {
            case ACC -> answers.accuracy();
            case ACC_NORM -> answers.accNorm().orElseThrow(this::textsUnknown);
            case ACC_BYTES -> answers.accBytes().orElseThrow(this::textsUnknown);
        };
    }

    private IllegalArgumentException textsUnknown() {
        return new IllegalArgumentException(label
                + " needs the texts of all choices, which some questions don't have: give each item its choiceTexts");
    }
}
