package org.laco.train;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import com.google.common.io.MoreFiles;
import com.google.common.io.RecursiveDeleteOption;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.laco.plan.CollapsePlan;
import org.laco.stack.Calibration;

/** One training of one model: the text is divided, the frozen parts are computed, and the steps are taken. */
final class TrainingTask {
    private final PostTraining settings;
    private final Models models;
    private final CollapsePlan plan;
    private final ImmutableSet<Integer> merged;

    TrainingTask(PostTraining settings, Models models, CollapsePlan plan) {
        this(settings, models, plan, ImmutableSet.copyOf(plan.changedLayers()));
    }

    TrainingTask(PostTraining settings, Models models, CollapsePlan plan, Set<Integer> merged) {
        this.settings = settings;
        this.models = models;
        this.plan = plan;
        this.merged = ImmutableSet.copyOf(merged);
    }

    PostTrainingResult run(Calibration text) throws IOException {
        TrainingTexts texts = TrainingTexts.of(settings, text);
        Path parent = settings.directory.isPresent()
                ? Files.createTempDirectory(settings.directory.get(), ".laco-training-")
                : Files.createTempDirectory("laco-training-");
        try (TrainedTensors trained = TrainedTensors.of(
                models.trained(), merged::contains, settings.weights, settings.optimizer, settings.seed)) {
            return run(texts, trained, parent);
        } finally {
            MoreFiles.deleteRecursively(parent, RecursiveDeleteOption.ALLOW_INSECURE);
        }
    }

    private PostTrainingResult run(TrainingTexts texts, TrainedTensors trained, Path parent) throws IOException {
        ImmutableList<ImmutableList<Integer>> steps = texts.training().steps(settings.tokens, settings.windowsPerStep);
        try (PreparedText training = prepare(texts.training(), read(steps), trained, parent.resolve("training"));
                PreparedText validation =
                        prepare(texts.validation(), all(texts.validation()), trained, parent.resolve("validation"));
                TrainingLoop loop = new TrainingLoop(
                        settings, models, trained, training, validation, fingerprint(texts, trained))) {
            loop.run(steps);
            return loop.result(plan);
        }
    }

    private PreparedText prepare(TrainingWindows windows, List<Integer> members, TrainedTensors trained, Path directory)
            throws IOException {
        return PreparedText.prepare(
                models,
                settings.loss,
                trained.lowest(),
                windows,
                members,
                Files.createDirectory(directory),
                settings.listener);
    }

    private static List<Integer> read(ImmutableList<ImmutableList<Integer>> steps) {
        TreeSet<Integer> read = new TreeSet<>();
        steps.forEach(read::addAll);
        return ImmutableList.copyOf(read);
    }

    private static List<Integer> all(TrainingWindows windows) {
        return IntStream.range(0, windows.count()).boxed().toList();
    }

    /** What a kept state must agree with: the settings, the text and the weights that the training begins with. */
    private String fingerprint(TrainingTexts texts, TrainedTensors trained) {
        Hasher hasher = Hashing.sha256().newHasher();
        hasher.putString(settings.parameters().toString(), StandardCharsets.UTF_8);
        hasher.putString(settings.patience.toString() + settings.validations, StandardCharsets.UTF_8);
        texts.addTo(hasher);
        trained.addTo(hasher);
        return hasher.hash().toString();
    }
}
