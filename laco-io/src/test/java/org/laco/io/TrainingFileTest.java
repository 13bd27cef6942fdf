package org.laco.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.collect.ImmutableMap;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.laco.io.safetensors.SafetensorsWriter;
import org.laco.merge.MergeRules;
import org.laco.plan.CollapsePlan;
import org.laco.plan.FittedLayer;
import org.laco.stack.Calibration;
import org.laco.train.LearningRate;
import org.laco.train.PostTraining;
import org.laco.train.PostTrainingResult;
import org.laco.train.TrainingListener;
import org.laco.train.TrainingStep;

/** A training whose state is kept in a file goes on where it was, and only what was written is taken for a state. */
class TrainingFileTest {
    private static final Path MODEL = Fixture.root().resolve("llama").resolve("model");
    private static final CollapsePlan PLAN = CollapsePlan.identity(8).merge(4, 2, MergeRules.telescoped());

    @TempDir
    Path directory;

    private Checkpoint model;
    private Path target;
    private Path file;

    @BeforeEach
    void open() throws IOException {
        model = Checkpoints.open(MODEL);
        target = directory.resolve("out");
        file = directory.resolve(".out.laco-training");
    }

    @AfterEach
    void close() {
        model.close();
    }

    private static Calibration text() {
        int[] ids = new int[40 * 8];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = (i * 37 + i / 9) % 320;
        }
        return Calibration.ofTokens(ids);
    }

    /** 12 steps, and the loss is measured after every third. */
    private static PostTraining.Builder training() {
        return PostTraining.builder()
                .tokens(12 * 2 * 8)
                .windowLength(8)
                .windowsPerStep(2)
                .validations(4);
    }

    private TrainingFile resume() throws IOException {
        return TrainingFile.resume(target, model, Optional.empty());
    }

    private PostTrainingResult train(PostTraining.Builder training, TrainingFile kept) throws IOException {
        return training.store(kept).build().run(model.model(), PLAN, text());
    }

    private void cutOffAfter(long steps) throws IOException {
        try (TrainingFile kept = resume()) {
            assertThatThrownBy(() -> train(
                            training().listener(new TrainingListener() {
                                @Override
                                public void stepped(TrainingStep step) {
                                    if (step.step() == steps) {
                                        throw new IllegalStateException("cut off");
                                    }
                                }
                            }),
                            kept))
                    .hasMessage("cut off");
        }
    }

    /** The hashes of all trained weights. */
    private static Map<String, String> hashes(PostTrainingResult result) {
        Map<String, String> hashes = new TreeMap<>();
        for (int layer = 0; layer < result.plan().size(); layer++) {
            if (result.plan().layers().get(layer) instanceof FittedLayer fitted) {
                int number = layer;
                fitted.tensors().forEach((name, tensor) -> hashes.put(number + " " + name, tensor.sha256()));
            }
        }
        return hashes;
    }

    private List<String> files() throws IOException {
        try (var files = Files.list(directory)) {
            return files.map(path -> path.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void goesOnToTheBitsOfATrainingThatWasNotCutOff() throws IOException {
        PostTrainingResult undisturbed = training().build().run(model.model(), PLAN, text());
        assertThat(undisturbed.improved()).isTrue();
        cutOffAfter(5);
        assertThat(files()).containsExactly(".out.laco-training");
        cutOffAfter(10);
        List<Long> steps = new ArrayList<>();
        PostTrainingResult resumed;
        try (TrainingFile kept = resume()) {
            resumed = train(
                    training().listener(new TrainingListener() {
                        @Override
                        public void stepped(TrainingStep step) {
                            steps.add(step.step());
                        }
                    }),
                    kept);
            kept.remove();
        }

        assertThat(steps).containsExactly(10L, 11L, 12L);
        assertThat(hashes(resumed)).isNotEmpty().isEqualTo(hashes(undisturbed));
        assertThat(resumed.steps()).isEqualTo(undisturbed.steps());
        assertThat(resumed.validations()).isEqualTo(undisturbed.validations());
        assertThat(resumed.tokens()).isEqualTo(undisturbed.tokens());
        assertThat(files()).isEmpty();
    }

    @Test
    void goesOnWithThePatienceThatWasLeft() throws IOException {
        // So fast that the loss only grows.
        PostTraining.Builder fast =
                training().rate(LearningRate.of(10)).validations(12).patience(4);
        PostTrainingResult undisturbed = fast.build().run(model.model(), PLAN, text());
        assertThat(undisturbed.steps()).hasSize(4);
        try (TrainingFile kept = resume()) {
            assertThatThrownBy(() -> train(
                            fast.listener(new TrainingListener() {
                                @Override
                                public void stepped(TrainingStep step) {
                                    if (step.step() == 3) {
                                        throw new IllegalStateException("cut off");
                                    }
                                }
                            }),
                            kept))
                    .hasMessage("cut off");
        }
        try (TrainingFile kept = resume()) {
            assertThat(train(fast.listener(new TrainingListener() {}), kept).steps())
                    .hasSize(4);
        }
    }

    @Test
    void isNotBegunAnewByAccident() throws IOException {
        cutOffAfter(5);
        assertThatThrownBy(() -> TrainingFile.create(target, model, Optional.empty()))
                .isInstanceOf(IOException.class)
                .hasMessage("a training to " + target + " was cut off, and " + file.toRealPath()
                        + " holds how far it was: resume it, or remove that file to begin anew");
        TrainingFile.replace(target, model, Optional.empty()).close();
        assertThat(files()).isEmpty();
    }

    @Test
    void isKeptByOneTrainingAtATime() throws IOException {
        try (TrainingFile kept = resume()) {
            assertThatThrownBy(this::resume)
                    .isInstanceOf(IOException.class)
                    .hasMessage(kept + " is kept by another training to the same place, which is still running");
        }
        resume().close();
    }

    @Test
    void refusesAStateInWhichABitIsAnother() throws IOException {
        cutOffAfter(5);
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length - 100] ^= 1;
        Files.write(file, bytes);
        try (TrainingFile kept = resume()) {
            assertThatThrownBy(kept::load)
                    .isInstanceOf(IOException.class)
                    .hasMessage(
                            kept + ": the kept training is damaged, its values don't have the hash of what was written:"
                                    + " remove it to begin anew");
        }
    }

    @Test
    void refusesAStateThatWasCut() throws IOException {
        cutOffAfter(5);
        byte[] bytes = Files.readAllBytes(file);
        for (int length : new int[] {0, 7, 1000, bytes.length - 1}) {
            Files.write(file, Arrays.copyOf(bytes, length));
            try (TrainingFile kept = resume()) {
                assertThatThrownBy(kept::load)
                        .isInstanceOf(IOException.class)
                        .hasMessageStartingWith(kept + ": ")
                        .hasMessageEndingWith(": the kept training is damaged, remove it to begin anew")
                        .message()
                        .hasLineCount(1);
            }
        }
    }

    @Test
    void refusesTheStateOfAnotherTraining() throws IOException {
        cutOffAfter(5);
        try (TrainingFile kept = resume()) {
            assertThatThrownBy(() -> train(training().seed(1), kept))
                    .hasMessage(kept
                            + " is of another training: go on with the model, the text and the settings that it began"
                            + " with, or begin anew");
        }
        try (Checkpoint original =
                        Checkpoints.open(Fixture.root().resolve("qwen3").resolve("model"));
                TrainingFile kept = TrainingFile.resume(target, model, Optional.of(original))) {
            assertThatThrownBy(kept::load)
                    .isInstanceOf(IOException.class)
                    .hasMessageStartingWith(
                            kept + " is the state of another training: the original's config.json is \"")
                    .hasMessageEndingWith(
                            "\" now and was \"absent\"; resume with what it began with, or remove the file to begin anew");
        }
    }

    @Test
    void isRefusedWhereTheBytesAreAnotherTensors() throws IOException {
        try (TrainingFile kept = resume()) {
            SafetensorsWriter.writeFile(file, List.of(), ImmutableMap.of());
            assertThatThrownBy(kept::load)
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining(
                            " is the state of another training: training is \"1\" now and was \"absent\"");
        }
    }
}
