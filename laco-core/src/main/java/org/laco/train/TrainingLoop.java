package org.laco.train;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.Lists;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.laco.base.Cancellation;
import org.laco.plan.CollapsePlan;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The steps of a training, with the validation between them and the state that is kept. */
final class TrainingLoop implements AutoCloseable {
    private final PostTraining settings;
    private final TrainedTensors trained;
    private final PreparedText training;
    private final PreparedText validation;
    private final String fingerprint;
    private final Models models;

    private final List<TrainingStep> steps = new ArrayList<>();
    private final List<ValidationLoss> validations = new ArrayList<>();
    private final BestWeights best;
    private double lossBefore;
    private long tokens;
    private int worse;

    TrainingLoop(
            PostTraining settings,
            Models models,
            TrainedTensors trained,
            PreparedText training,
            PreparedText validation,
            String fingerprint) {
        this.settings = settings;
        this.models = models;
        this.trained = trained;
        this.training = training;
        this.validation = validation;
        this.fingerprint = fingerprint;
        this.best = new BestWeights(trained);
    }

    void run(ImmutableList<ImmutableList<Integer>> all) throws IOException {
        long done = resume();
        if (done == 0) {
            lossBefore = validate(0);
        }
        long interval = Math.max(1, all.size() / settings.validations);
        try (TrainingPass pass = pass(training)) {
            for (long step = done + 1; step <= all.size() && !isOutOfPatience(); step++) {
                take(pass, step, all);
                if (step % interval == 0 || step == all.size()) {
                    validate(step);
                    save();
                }
            }
        }
    }

    private boolean isOutOfPatience() {
        return settings.patience.isPresent() && worse >= settings.patience.getAsInt();
    }

    private TrainingPass pass(PreparedText text) {
        return new TrainingPass(models, settings.loss, trained, text, settings.activationBytes);
    }

    private void take(TrainingPass pass, long step, ImmutableList<ImmutableList<Integer>> all) {
        Cancellation.stopIfInterrupted();
        ImmutableList<Integer> members = all.get((int) step - 1);
        int rows = rows(training, members);
        double loss = 0;
        trained.clearGradients();
        for (List<Integer> batch : Lists.partition(members, settings.windowsPerBatch)) {
            loss += pass.addGradients(batch, rows, rows - members.size());
        }
        double rate = settings.rate.at(step - 1, all.size());
        double norm = trained.step(rate, step, settings.clip);
        if (!Double.isFinite(loss) || !Double.isFinite(norm)) {
            throw new ArithmeticException(String.format(
                    "step %d: the loss is %s and its gradient's norm %s; the learning rate of %s may be too high",
                    step, loss, norm, settings.rate.peak()));
        }
        tokens += rows;
        TrainingStep taken = new TrainingStep(step, all.size(), tokens, loss, norm, rate);
        steps.add(taken);
        settings.listener.stepped(taken);
    }

    private static int rows(PreparedText text, List<Integer> members) {
        return members.stream()
                .mapToInt(member -> text.windows().tokens(member).length)
                .sum();
    }

    private double validate(long step) {
        double loss = validationLoss();
        if (step == 0 && !Double.isFinite(loss)) {
            throw new ArithmeticException("the loss on the validation text is " + loss
                    + " before the first step: the model's or the original's logits are not finite");
        }
        boolean lower = best.offer(step, loss, tokens);
        worse = lower ? 0 : worse + 1;
        ValidationLoss measured = new ValidationLoss(step, loss, lower);
        validations.add(measured);
        settings.listener.validated(measured);
        return loss;
    }

    private double validationLoss() {
        List<Integer> all =
                IntStream.range(0, validation.windows().count()).boxed().toList();
        int rows = rows(validation, all);
        double loss = 0;
        try (TrainingPass pass = pass(validation)) {
            for (List<Integer> batch : Lists.partition(all, settings.windowsPerBatch)) {
                loss += pass.loss(batch, rows, rows - all.size());
            }
        }
        return loss;
    }

    private void save() throws IOException {
        if (settings.store.isPresent()) {
            settings.store
                    .get()
                    .save(new TrainingState(
                            fingerprint,
                            ImmutableList.copyOf(steps),
                            ImmutableList.copyOf(validations),
                            trained.state(),
                            best.parameters()));
        }
    }

    /** Goes on from what is kept, if anything is, and returns the number of steps taken before. */
    private long resume() throws IOException {
        Optional<TrainingState> kept =
                settings.store.isPresent() ? settings.store.get().load() : Optional.empty();
        if (kept.isEmpty()) {
            return 0;
        }
        TrainingState state = kept.get();
        checkArgument(
                state.fingerprint().equals(fingerprint),
                "%s is of another training: go on with the model, the text and the settings that it began with, or begin anew",
                settings.store.get());
        trained.restore(state.parameters());
        steps.addAll(state.steps());
        validations.addAll(state.validations());
        lossBefore = validations.get(0).loss();
        ValidationLoss lowest = state.lowest();
        worse = validations.size() - 1 - validations.indexOf(lowest);
        best.restore(lowest.step(), lowest.loss(), state.best(), tokensUntil(lowest.step()));
        tokens = tokensUntil(steps.size());
        state.parameters().forEach(INDArray::close);
        state.best().forEach(INDArray::close);
        return steps.size();
    }

    private long tokensUntil(long step) {
        return step == 0 ? 0 : steps.get((int) step - 1).tokens();
    }

    /** The plan with the best weights, rounded, and the loss of those. */
    PostTrainingResult result(CollapsePlan plan) {
        best.apply();
        RoundedWeights rounded = RoundedWeights.of(trained, models.trained());
        double lossAfter = best.step() == 0 ? lossBefore : validationLoss();
        boolean improved = lossAfter < lossBefore;
        return new PostTrainingResult(
                improved ? rounded.into(plan, settings.loss.name(), best.tokens(), lossBefore, lossAfter) : plan,
                settings.parameters(),
                ImmutableList.copyOf(steps),
                ImmutableList.copyOf(validations),
                lossBefore,
                improved ? lossAfter : lossBefore,
                improved ? best.tokens() : 0,
                trained.parameterCount(),
                improved ? trained.adapters() : ImmutableList.of());
    }

    @Override
    public void close() {
        best.close();
    }
}
