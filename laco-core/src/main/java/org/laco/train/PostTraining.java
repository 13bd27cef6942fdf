package org.laco.train;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import com.google.common.collect.ImmutableMap;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.laco.plan.CollapsePlan;
import org.laco.stack.Calibration;
import org.laco.stack.LanguageStack;

/**
 * Trains what a collapse has merged, so that the collapsed model predicts as the original does: the paper's post-training (Yang et al.,
 * arXiv 2402.11187, section 4.4), by default as distillation.
 *
 * <pre>{@code
 * PostTraining training = PostTraining.builder().tokens(81_920).rate(LearningRate.of(5e-4)).build();
 * PostTrainingResult healed = training.run(original, result.plan(), text);
 * CausalModel model = original.collapsed(healed.plan());
 * }</pre>
 *
 * <p>Weights are trained in float32 from their stored values and rounded once at the end. What is frozen is computed once: the hidden
 * states that enter the lowest trained layer, and the final ones of the original, lie on disk meanwhile, 8 bytes a token and hidden
 * unit. The same seed on the same machine gives the same bytes.
 */
public final class PostTraining {
    final TrainingLoss loss;
    final TrainedWeights weights;
    final Optimizer optimizer;
    final LearningRate rate;
    final long tokens;
    final int windowLength;
    final int windowsPerStep;
    final int windowsPerBatch;
    final double clip;
    final long seed;
    final Optional<Calibration> validation;
    final int validations;
    final OptionalInt patience;
    final long activationBytes;
    final Optional<Path> directory;
    final Optional<TrainingStore> store;
    final TrainingListener listener;

    private PostTraining(Builder builder) {
        this.loss = builder.loss;
        this.weights = builder.weights;
        this.optimizer = builder.optimizer;
        this.rate = builder.rate;
        this.tokens = builder.tokens;
        this.windowLength = builder.windowLength;
        this.windowsPerStep = builder.windowsPerStep;
        this.windowsPerBatch = builder.windowsPerBatch.orElse(builder.windowsPerStep);
        this.clip = builder.clip;
        this.seed = builder.seed;
        this.validation = builder.validation;
        this.validations = builder.validations;
        this.patience = builder.patience;
        this.activationBytes = builder.activationBytes;
        this.directory = builder.directory;
        this.store = builder.store;
        this.listener = builder.listener;
    }

    /**
     * Starts with the defaults: all weights of merged layers, divergence over the whole vocabulary, AdamW, a peak rate of 5e-4, 81,920
     * tokens in windows of 128, 8 windows a step, gradients clipped at 1.
     *
     * @return a new builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Trains a collapsed model toward its original.
     *
     * @param original the original
     * @param plan what was collapsed; its merged and fitted layers are the ones that {@link TrainedWeights#ofMergedLayers} means
     * @param text sequences of token ids to train on
     * @return the plan with the trained weights, and the course of the loss
     * @throws IOException if the frozen parts can't be kept on disk
     * @throws IllegalArgumentException if there is nothing to train, or the text is too short
     * @throws UnsupportedOperationException if the model has a part without a derivative; the message names it
     * @throws java.util.concurrent.CancellationException if the thread was interrupted
     */
    public PostTrainingResult run(LanguageStack original, CollapsePlan plan, Calibration text) throws IOException {
        LanguageStack collapsed = LanguageStack.require(original.collapsed(plan));
        Models models =
                new Models(collapsed, Optional.of(original), plan.outside().isEmpty() ? plan.unchangedPrefix() : 0);
        return new TrainingTask(this, models, plan).run(text);
    }

    /**
     * Trains a model that was collapsed before, and of which only the result is at hand.
     *
     * @param model the collapsed model
     * @param merged its merged layers, as layers of a plan for it that are not just a source layer; others are {@code SourceLayer}s
     * @param original the original, empty for a loss that needs none
     * @param shared how many layers at the bottom are the original's
     * @param text sequences of token ids to train on
     * @return a plan for the model with the trained weights, and the course of the loss
     * @throws IOException if the frozen parts can't be kept on disk
     */
    public PostTrainingResult run(
            LanguageStack model, Set<Integer> merged, Optional<LanguageStack> original, int shared, Calibration text)
            throws IOException {
        checkArgument(
                original.isPresent() || !loss.needsOriginal(),
                "the loss %s needs the original model, and there is none",
                loss.name());
        LanguageStack.require(model);
        if (loss.needsOriginal()) {
            LanguageStack.require(original.get());
        }
        Models models = new Models(model, original, original.isPresent() ? shared : 0);
        return new TrainingTask(this, models, CollapsePlan.identity(model.layerCount()), merged).run(text);
    }

    /**
     * Returns the settings for the record.
     *
     * @return names and values
     */
    public ImmutableMap<String, Object> parameters() {
        ImmutableMap.Builder<String, Object> parameters = ImmutableMap.builder();
        parameters
                .put("loss", loss.name())
                .put("trained", weights.name())
                .put("optimizer", optimizer.name())
                .putAll(optimizer.parameters())
                .put("learningRate", rate.peak())
                .put("warmup", rate.warmup())
                .put("floor", rate.floor())
                .put("tokens", tokens)
                .put("windowLength", windowLength)
                .put("windowsPerStep", windowsPerStep)
                .put("windowsPerBatch", windowsPerBatch)
                .put("clip", clip)
                .put("seed", seed);
        weights.adapters().ifPresent(adapter -> parameters.put("alpha", adapter.alpha()));
        return parameters.buildOrThrow();
    }

    /** Collects the settings of a {@link PostTraining}. */
    public static final class Builder {
        private TrainingLoss loss = TrainingLoss.divergence();
        private TrainedWeights weights = TrainedWeights.ofMergedLayers();
        private Optimizer optimizer = AdamW.ofDefaults();
        private LearningRate rate = LearningRate.of(5e-4);
        private long tokens = 81_920;
        private int windowLength = 128;
        private int windowsPerStep = 8;
        private OptionalInt windowsPerBatch = OptionalInt.empty();
        private double clip = 1;
        private long seed;
        private Optional<Calibration> validation = Optional.empty();
        private int validations = 10;
        private OptionalInt patience = OptionalInt.empty();
        private long activationBytes = 1L << 30;
        private Optional<Path> directory = Optional.empty();
        private Optional<TrainingStore> store = Optional.empty();
        private TrainingListener listener = new TrainingListener() {};

        private Builder() {}

        /**
         * Sets what is made small; the divergence over the whole vocabulary by default.
         *
         * @param value the loss
         * @return this builder
         */
        public Builder loss(TrainingLoss value) {
            this.loss = requireNonNull(value, "loss");
            return this;
        }

        /**
         * Sets what is trained; all weights of merged layers by default.
         *
         * @param which the weights
         * @return this builder
         */
        public Builder weights(TrainedWeights which) {
            this.weights = requireNonNull(which, "weights");
            return this;
        }

        /**
         * Sets the optimiser; AdamW by default.
         *
         * @param value the optimiser
         * @return this builder
         */
        public Builder optimizer(Optimizer value) {
            this.optimizer = requireNonNull(value, "optimizer");
            return this;
        }

        /**
         * Sets the learning rate; a peak of 5e-4 by default, which suits one merged layer, where 2e-4 suits all layers.
         *
         * @param value the schedule
         * @return this builder
         */
        public Builder rate(LearningRate value) {
            this.rate = requireNonNull(value, "rate");
            return this;
        }

        /**
         * Sets how many tokens are trained on; 81,920 by default. A shorter text is read again.
         *
         * @param count the number, at least 1
         * @return this builder
         */
        public Builder tokens(long count) {
            checkArgument(count >= 1, "training needs at least one token, not %s", count);
            this.tokens = count;
            return this;
        }

        /**
         * Sets into which windows the text is cut; 128 tokens by default.
         *
         * @param count the number of tokens of a window, at least 2
         * @return this builder
         */
        public Builder windowLength(int count) {
            checkArgument(count >= 2, "a window needs at least 2 tokens, not %s", count);
            this.windowLength = count;
            return this;
        }

        /**
         * Sets how many windows a step reads; 8 by default.
         *
         * @param count the number, at least 1
         * @return this builder
         */
        public Builder windowsPerStep(int count) {
            checkArgument(count >= 1, "a step needs at least one window, not %s", count);
            this.windowsPerStep = count;
            return this;
        }

        /**
         * Divides a step into batches whose gradients are added up, to take less memory; one batch by default.
         *
         * @param count the number of windows of a batch, at least 1
         * @return this builder
         */
        public Builder windowsPerBatch(int count) {
            checkArgument(count >= 1, "a batch needs at least one window, not %s", count);
            this.windowsPerBatch = OptionalInt.of(count);
            return this;
        }

        /**
         * Sets the norm to which the gradients of a step are scaled down; 1 by default.
         *
         * @param norm the largest norm, above 0; infinity for no clipping
         * @return this builder
         */
        public Builder clip(double norm) {
            checkArgument(norm > 0, "gradients are clipped at %s, expected more than 0", norm);
            this.clip = norm;
            return this;
        }

        /**
         * Sets the seed of the windows' order and of adapters; 0 by default.
         *
         * @param value the seed
         * @return this builder
         */
        public Builder seed(long value) {
            this.seed = value;
            return this;
        }

        /**
         * Sets the text on which the loss is measured, to keep the best weights; by default a twentieth of the text's windows, at most
         * 32, which are not trained on then.
         *
         * @param text sequences of token ids
         * @return this builder
         */
        public Builder validation(Calibration text) {
            this.validation = Optional.of(text);
            return this;
        }

        /**
         * Sets how often the validation loss is measured; 10 times by default.
         *
         * @param count the number of times after the beginning, at least 1
         * @return this builder
         */
        public Builder validations(int count) {
            checkArgument(count >= 1, "the loss is validated at least once, not %s times", count);
            this.validations = count;
            return this;
        }

        /**
         * Stops early; never by default.
         *
         * @param count after how many validations without a lower loss
         * @return this builder
         */
        public Builder patience(int count) {
            checkArgument(count >= 1, "the patience is %s validations, expected at least 1", count);
            this.patience = OptionalInt.of(count);
            return this;
        }

        /**
         * Bounds the memory for what the derivatives of layers need; 1 GiB by default. What doesn't fit is computed again.
         *
         * @param bytes the bound, 0 or more
         * @return this builder
         */
        public Builder activationMemory(long bytes) {
            checkArgument(bytes >= 0, "%s bytes for activations are less than none", bytes);
            this.activationBytes = bytes;
            return this;
        }

        /**
         * Sets where the frozen parts are kept, in a directory of their own; by default where the system puts temporary files.
         *
         * @param parent an existing directory
         * @return this builder
         */
        public Builder directory(Path parent) {
            this.directory = Optional.of(parent);
            return this;
        }

        /**
         * Keeps the state of the training, and goes on from what is kept there.
         *
         * @param value where it is kept
         * @return this builder
         */
        public Builder store(TrainingStore value) {
            this.store = Optional.of(value);
            return this;
        }

        /**
         * Sets who hears of the steps.
         *
         * @param value the listener
         * @return this builder
         */
        public Builder listener(TrainingListener value) {
            this.listener = requireNonNull(value, "listener");
            return this;
        }

        /**
         * Makes the training.
         *
         * @return a new instance
         */
        public PostTraining build() {
            return new PostTraining(this);
        }
    }
}
