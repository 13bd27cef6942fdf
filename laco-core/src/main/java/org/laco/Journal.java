package org.laco;

import static java.util.Objects.requireNonNull;

import java.util.Optional;
import org.laco.evaluate.Evaluator;
import org.laco.evaluate.EvaluatorSettings;
import org.laco.fit.Fit;
import org.laco.search.Measurements;
import org.laco.stack.Calibration;
import org.laco.stack.LayerStack;

/**
 * Keeps the scores that one search measures, so that a search that was cut off can go on.
 *
 * <p>A search is decided by its scores alone and asks for them in the same order each time. So one that is answered from a journal first
 * comes to where it was without measuring, and goes on as if it had never ended. What several searches share decides too, so that a
 * journal of one of them holds what those before it have measured. Fits aren't kept: those that a score was measured after
 * need not be made again, that of the result is.
 */
public interface Journal {
    /**
     * Begins with a search.
     *
     * @param subject what is searched, and how
     * @throws IllegalArgumentException if what is kept is of another model, calibration or settings; the message says of which
     * @throws java.io.UncheckedIOException if the journal can't be read or written
     */
    void begin(Subject subject);

    /**
     * Puts itself between the search and what scores its candidates.
     *
     * @param scoring what scores candidates, which its owner closes
     * @return an evaluator that answers what is known and keeps what the given one measures; closing it does nothing
     */
    Evaluator around(Evaluator scoring);

    /**
     * Returns what the searches share whose scores are kept here, if they are several. The default is empty, for one search.
     *
     * @return the measurements, which each of the searches has
     */
    default Optional<Measurements> measurements() {
        return Optional.empty();
    }

    /**
     * What is searched, and how.
     *
     * @param model the original model
     * @param calibration the sequences on which candidates are scored
     * @param settings the search and its settings
     * @param scoring how candidates are scored
     * @param fit how merged layers are fitted; empty if they aren't
     */
    record Subject(
            LayerStack model,
            Calibration calibration,
            CollapseSettings settings,
            EvaluatorSettings scoring,
            Optional<Fit> fit) {
        /** Checks that nothing is null. */
        public Subject {
            requireNonNull(model, "model");
            requireNonNull(calibration, "calibration");
            requireNonNull(settings, "settings");
            requireNonNull(scoring, "scoring");
            requireNonNull(fit, "fit");
        }
    }
}
