package org.laco.cli.command;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.io.IOException;
import java.nio.file.Path;
import org.laco.cli.option.QuestionOptions;
import org.laco.cli.progress.Progress;
import org.laco.io.Checkpoint;
import org.laco.io.Checkpoints;
import org.laco.io.HubCache;
import org.laco.measure.ChoiceItem;
import org.laco.measure.MeasureSettings;
import org.laco.measure.TaskScores;
import org.laco.measure.TokenLogProbabilities;

/** Asks models the questions of all tasks of a directory. */
record TaskMeasure(QuestionOptions questions, Progress progress) {
    TaskScores measure(Path source) throws IOException {
        try (Checkpoint checkpoint = Checkpoints.open(source)) {
            ImmutableMap<String, ImmutableList<ChoiceItem>> tasks = questions.tasks(checkpoint.tokenizer());
            TokenLogProbabilities probabilities = TokenLogProbabilities.of(
                    checkpoint.model(), MeasureSettings.defaults().withListener(progress::share));
            return TaskScores.measure(
                    probabilities, tasks, name -> progress.phase(name + ", " + HubCache.nameOf(source)));
        }
    }
}
