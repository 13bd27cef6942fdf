package org.laco.sweep;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
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
 * @param tasks the questions of several tasks by the task's name, if there are any
 * @param prompts what results are asked to go on with
 */
public record SweepInputs(
        Checkpoint checkpoint,
        Calibration calibration,
        Fit refit,
        List<SweepText> texts,
        Optional<ImmutableList<ChoiceItem>> choices,
        Optional<ImmutableMap<String, ImmutableList<ChoiceItem>>> tasks,
        List<String> prompts) {}
