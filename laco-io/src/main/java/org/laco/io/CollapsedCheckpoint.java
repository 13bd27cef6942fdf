package org.laco.io;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.laco.CollapseResult;
import org.laco.io.Verification.Check;
import org.laco.io.Verification.Outcome;
import org.laco.measure.ProgressListener;
import org.laco.plan.CollapsePlan;
import org.laco.plan.FittedLayer;
import org.laco.plan.FittedTensor;
import org.laco.plan.PlannedLayer;
import org.laco.stack.Calibration;
import org.laco.stack.LanguageStack;
import org.laco.tensor.LayerTensor;
import org.laco.tensor.StoredTensor;
import org.laco.train.PostTraining;
import org.laco.train.PostTrainingResult;

/**
 * A checkpoint that was collapsed before, with the original if that is at hand, to be trained further.
 *
 * <pre>{@code
 * CollapsedCheckpoint collapsed = CollapsedCheckpoint.of(model, Optional.of(original));
 * PostTrainingResult trained = collapsed.train(PostTraining.builder().build(), text.tokens());
 * CollapseResult result = collapsed.result(trained, calibration);
 * CollapseRecord record = collapsed.record(result).with(TrainingRecord.of(trained, text, Optional.empty()));
 * CheckpointWriter.builder().build().write(collapsed.base(), result, record, target);
 * }</pre>
 *
 * <p>If the checkpoint is, tensor by tensor, what the plan in its {@code laco.json} makes of the original, then the result is recorded as
 * the original's, with the trained weights in that plan, and what both models share at the bottom is run once. Else it is recorded as
 * made of the collapsed checkpoint itself, and nothing is taken for shared.
 */
public final class CollapsedCheckpoint {
    private final Checkpoint model;
    private final Optional<Checkpoint> original;
    private final Optional<ObjectNode> earlier;
    private final Optional<CollapsePlan> recorded;
    private final Optional<String> difference;

    private CollapsedCheckpoint(
            Checkpoint model,
            Optional<Checkpoint> original,
            Optional<ObjectNode> earlier,
            Optional<CollapsePlan> recorded,
            Optional<String> difference) {
        this.model = model;
        this.original = original;
        this.earlier = earlier;
        this.recorded = recorded;
        this.difference = difference;
    }

    /**
     * Reads the checkpoint's record, and holds the checkpoint against the original, which reads both once.
     *
     * @param model the collapsed checkpoint
     * @param original the original, empty if it isn't at hand
     * @return the pair
     * @throws IOException if the record or a weight can't be read, or the plan in the record is of a model of another size
     */
    public static CollapsedCheckpoint of(Checkpoint model, Optional<Checkpoint> original) throws IOException {
        return of(model, original, share -> {});
    }

    /**
     * Reads the checkpoint's record, and holds the checkpoint against the original as {@link #of(Checkpoint, Optional)} does, and tells how
     * far that is.
     *
     * @param model the collapsed checkpoint
     * @param original the original, empty if it isn't at hand
     * @param listener who is told, if the two are compared
     * @return the pair
     * @throws IOException if the record or a weight can't be read, or the plan in the record is of a model of another size
     */
    public static CollapsedCheckpoint of(Checkpoint model, Optional<Checkpoint> original, ProgressListener listener)
            throws IOException {
        Optional<Path> file =
                model.location().map(at -> at.resolve(CollapseRecord.FILE_NAME)).filter(Files::exists);
        if (file.isEmpty()) {
            return new CollapsedCheckpoint(
                    model, original, Optional.empty(), Optional.empty(), Optional.of("it has no laco.json"));
        }
        CollapsePlan plan = new PlanJson().read(file.get());
        if (plan.size() != model.model().layerCount()) {
            throw new IOException(file.get() + " is the record of a model of " + plan.size()
                    + " layers, but this one has " + model.model().layerCount() + ": move it away");
        }
        return new CollapsedCheckpoint(
                model,
                original,
                Optional.of(new Json().readObject(file.get())),
                Optional.of(plan),
                original.isPresent()
                        ? difference(model, original.get(), plan, listener)
                        : Optional.of("there is no original"));
    }

    private static Optional<String> difference(
            Checkpoint model, Checkpoint original, CollapsePlan plan, ProgressListener listener) throws IOException {
        if (plan.originalSize() != original.model().layerCount()) {
            return Optional.of("the plan is for " + plan.originalSize() + " layers, the original has "
                    + original.model().layerCount());
        }
        return new PlanReplay(original.model(), model.model(), plan)
                .check(listener).stream()
                        .filter(check -> check.outcome() == Outcome.FAILED)
                        .map(Check::detail)
                        .findFirst();
    }

    /**
     * Returns what keeps the checkpoint from being taken for what its plan makes of the original.
     *
     * @return the reason, empty if it is just that
     */
    public Optional<String> difference() {
        return difference;
    }

    /**
     * Returns the layers that the plan in the record has merged or fitted.
     *
     * @return layers of the collapsed model; none without a record
     */
    public ImmutableSet<Integer> mergedLayers() {
        return recorded.map(plan -> ImmutableSet.copyOf(plan.changedLayers())).orElse(ImmutableSet.of());
    }

    /**
     * Returns the model that results are recorded as made of.
     *
     * @return the original, or the collapsed checkpoint
     */
    public Checkpoint base() {
        return difference.isEmpty() ? original.orElseThrow() : model;
    }

    /**
     * Returns the original where it isn't the model that results are recorded as made of, so that a record has to name it beside.
     *
     * @return the original, empty if it is {@link #base} or not at hand
     */
    public Optional<Checkpoint> originalBesideBase() {
        return difference.isEmpty() ? Optional.empty() : original;
    }

    /**
     * Returns the sequences on which the similarity to the original was measured.
     *
     * @return those of the record; empty without one, and if results aren't recorded as the original's
     */
    public Optional<Calibration> calibration() {
        return difference.isEmpty() ? earlier.flatMap(RecordedCalibration::read) : Optional.empty();
    }

    /**
     * Trains the collapsed model.
     *
     * @param training the settings
     * @param text sequences of token ids to train on
     * @return the result, whose plan is one for {@link #base}
     * @throws IOException if the frozen parts can't be kept on disk
     * @throws IllegalArgumentException if there is nothing to train, the text is too short, the vocabularies differ, or there is no
     *     original but the loss needs one
     */
    public PostTrainingResult train(PostTraining training, Calibration text) throws IOException {
        if (difference.isEmpty()) {
            return training.run(original.orElseThrow().model(), withValues(recorded.orElseThrow()), text);
        }
        return training.run(model.model(), mergedLayers(), original.<LanguageStack>map(Checkpoint::model), 0, text);
    }

    /** Takes the values of what was fitted or trained before from the checkpoint, where they have the hashes of the plan. */
    private CollapsePlan withValues(CollapsePlan plan) {
        List<PlannedLayer> layers = new ArrayList<>(plan.layers());
        for (int layer = 0; layer < layers.size(); layer++) {
            if (layers.get(layer) instanceof FittedLayer fitted) {
                ImmutableMap<String, LayerTensor> tensors = model.model().tensors(layer);
                layers.set(layer, new FittedLayer(fitted.layer(), filled(fitted.tensors(), name -> tensors.get(name)
                        .tensor())));
            }
        }
        return CollapsePlan.of(plan.originalSize(), layers)
                .withOutside(filled(plan.outside(), model.model().tensors()::tensor));
    }

    private static ImmutableMap<String, FittedTensor> filled(
            ImmutableMap<String, FittedTensor> tensors, Function<String, StoredTensor> values) {
        ImmutableMap.Builder<String, FittedTensor> filled = ImmutableMap.builder();
        tensors.forEach((name, tensor) -> filled.put(
                name, new FittedTensor(tensor.provenance(), tensor.sha256(), Optional.of(values.apply(name)))));
        return filled.buildOrThrow();
    }

    /**
     * Makes a result that {@link CheckpointWriter} writes, by measuring the similarity to {@link #base}.
     *
     * @param trained what training gave
     * @param sequences on which the similarity is measured
     * @return the result
     */
    public CollapseResult result(PostTrainingResult trained, Calibration sequences) {
        return CollapseResult.of(base().model(), trained.plan(), sequences);
    }

    /**
     * Makes the record of a result: if it is recorded as the original's, with the search that found its layers.
     *
     * @param result the result
     * @return the record, without hashes of files
     * @throws IOException if the version can't be read
     */
    public CollapseRecord record(CollapseResult result) throws IOException {
        CollapseRecord record = CollapseRecord.of(result);
        return difference.isEmpty() ? record.after(earlier.orElseThrow()) : record;
    }
}
