package org.laco.cli.command;

import com.google.common.collect.ImmutableList;
import com.google.common.primitives.Ints;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.laco.cli.option.PromptOptions;
import org.laco.cli.progress.Progress;
import org.laco.cli.report.GeneratedTexts;
import org.laco.io.Checkpoint;
import org.laco.io.Checkpoints;
import org.laco.io.HubCache;
import org.laco.io.Tokenizer;
import org.laco.measure.Continuations;
import org.laco.model.GreedyGenerator;

/** Lets models go on with prompts. */
record GenerationMeasure(PromptOptions prompts, Progress progress) {
    GeneratedTexts measure(Path source) throws IOException {
        try (Checkpoint checkpoint = Checkpoints.open(source)) {
            List<int[]> ids = prompts.read(checkpoint);
            progress.phase("generating, " + HubCache.nameOf(source));
            GreedyGenerator generator = GreedyGenerator.builder(checkpoint.model())
                    .stopAt(Ints.toArray(checkpoint.endOfTextIds()))
                    .build();
            Continuations continuations = Continuations.generate(
                    generator, ids, prompts.tokens(), done -> progress.share((double) done / ids.size()));
            Tokenizer tokenizer = checkpoint.tokenizer();
            ImmutableList.Builder<String> asked = ImmutableList.builder();
            ImmutableList.Builder<String> texts = ImmutableList.builder();
            for (int i = 0; i < ids.size(); i++) {
                asked.add(tokenizer.decode(ids.get(i)));
                texts.add(tokenizer.continuation(
                        ids.get(i), continuations.texts().get(i).toArray()));
            }
            return new GeneratedTexts(asked.build(), continuations, texts.build());
        }
    }
}
