package org.laco.sweep;

import java.util.List;
import java.util.Optional;
import org.laco.fit.Fit;
import org.laco.io.Checkpoint;
import org.laco.measure.ChoiceItem;
import org.laco.stack.Calibration;

/**
 * What a sweep works on.
 *
 * @param checkpoint the model
 * @param calibration the sequences on which candidates are compared
 * @param refit how methods with a refit fit
 * @param texts the texts on which results are measured
 * @param choices the questions they are asked, if there are any
 * @param prompts what results are asked to go on with
 */
public record SweepInputs(
        Checkpoint checkpoint,
        Calibration calibration,
        Fit refit,
        List<SweepText> texts,
        Optional<List<ChoiceItem>> choices,
        List<String> prompts) {}
