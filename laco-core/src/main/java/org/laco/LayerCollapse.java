package org.laco;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkState;
import static java.util.Objects.requireNonNull;

import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.laco.evaluate.Batching;
import org.laco.evaluate.EvaluatorFactory;
import org.laco.evaluate.Screening;
import org.laco.fit.Fit;
import org.laco.measure.Metric;
import org.laco.merge.MergeRule;
import org.laco.merge.MergeRules;
import org.laco.merge.NormPolicy;
import org.laco.plan.CollapsePlan;
import org.laco.search.CollapseListener;
import org.laco.search.CostEstimate;
import org.laco.search.LacoSearch;
import org.laco.search.Measurements;
import org.laco.search.Schedule;
import org.laco.search.Search;
import org.laco.stack.Calibration;
import org.laco.stack.LayerStack;

/**
 * Makes a model shallower by merging rear layers into a prior layer, as long as its output on calibration sequences stays similar
 * (Yang, Cao and Zhao, <a href="https://arxiv.org/abs/2402.11187">arXiv 2402.11187</a>, Algorithm 1).
 *
 * <pre>{@code
 * CollapseResult result = LayerCollapse.builder()
 *         .range(1, 30)               // L and H: layers 1 to 29 may be touched
 *         .threshold(0.65)            // T
 *         .calibration(calibration)
 *         .build()
 *         .apply(model);
 * result.plan().sources();            // [[0], [1], …, [24, 25, 26, 27]]
 * }</pre>
 *
 * <p>An instance is immutable and can be applied to any number of models, unless it has {@link Builder#measurements} or a
 * {@link Builder#journal}.
 */
public final class LayerCollapse {
    final Optional<Search> search;
    final Optional<Target> target;
    final Optional<Metric> objective;
    final Optional<Fit> fit;
    final Optional<MergeRule> rule;
    final NormPolicy norms;
    final Calibration calibration;
    final OptionalInt batchSize;
    final OptionalLong memory;
    final Optional<Screening> screening;
    final Optional<EvaluatorFactory> evaluator;
    final Optional<Measurements> measurements;
    final Optional<Journal> journal;
    final CollapseListener listener;

    private LayerCollapse(Builder builder) {
        this.search = builder.chosenSearch();
        this.target = Optional.ofNullable(builder.target);
        this.objective = Optional.ofNullable(builder.objective);
        this.fit = Optional.ofNullable(builder.fit);
        this.rule = Optional.ofNullable(builder.rule);
        this.norms = builder.norms;
        this.calibration = builder.calibration;
        this.batchSize = builder.batchSize;
        this.memory = builder.memory;
        this.screening = Optional.ofNullable(builder.screening);
        this.evaluator = Optional.ofNullable(builder.evaluator);
        this.journal = Optional.ofNullable(builder.journal);
        this.measurements = Optional.ofNullable(builder.measurements).or(() -> journal.flatMap(Journal::measurements));
        this.listener = builder.listener;
    }

    /**
     * Starts with the defaults: four layers a merge, interval 2, threshold 0.65, all layers but the first, the telescoped rule,
     * norms of the base layer.
     *
     * @return a new builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Searches for layers to merge.
     *
     * <p>The model is left as it is. The search can be cancelled by interrupting its thread.
     *
     * @param model the model
     * @return the plan found, its record and the collapsed model
     * @throws IllegalArgumentException if the settings don't fit the model, such as a range outside its layers or a token id beyond its
     *     vocabulary
     * @throws ArithmeticException if the model's hidden states are not finite, such as with NaN among its weights, or if the result is
     *     not above the threshold that its merges were accepted at
     * @throws CollapseCancelledException if the thread was interrupted; the exception holds what was found until then
     */
    public CollapseResult apply(LayerStack model) {
        return CollapseTask.search(this, requireNonNull(model, "model")).run();
    }

    /**
     * Merges one layer with those that follow it, whatever the similarity.
     *
     * @param model the model, which is left as it is
     * @param layer the base layer l, from 0
     * @param following the number m of following layers that are merged into it, at least 1
     * @return the plan, one step, and the collapsed model
     * @throws IllegalArgumentException if the model doesn't have those layers or they differ in kind
     * @throws ArithmeticException if the model's hidden states are not finite, such as with NaN among its weights
     * @throws CollapseCancelledException if the thread was interrupted
     */
    public CollapseResult merge(LayerStack model, int layer, int following) {
        return CollapseTask.merge(this, requireNonNull(model, "model"), layer, following)
                .run();
    }

    /**
     * Measures a plan that was found before, or made by hand. If a fit is set, the plan's merged layers are fitted anew.
     *
     * @param model the model, which is left as it is
     * @param plan a plan for that model
     * @return the plan, no steps, and the collapsed model
     * @throws IllegalArgumentException if the plan doesn't fit the model, or holds only the hashes of fitted weights and no fit is set
     * @throws ArithmeticException if the model's hidden states are not finite, such as with NaN among its weights
     * @throws CollapseCancelledException if the thread was interrupted
     */
    public CollapseResult replay(LayerStack model, CollapsePlan plan) {
        return CollapseTask.replay(this, requireNonNull(model, "model"), requireNonNull(plan, "plan"))
                .run();
    }

    /**
     * Estimates what the search costs at most, without reading a weight.
     *
     * @param model the model
     * @return the cost if no candidate is accepted; empty for a search whose cost isn't known before it is run
     * @throws IllegalArgumentException if the settings don't fit the model, or the memory bound is too small for it
     */
    public Optional<CostEstimate> estimateCost(LayerStack model) {
        requireNonNull(model, "model");
        return search.flatMap(chosen -> {
                    MergeRule by = rule.orElse(chosen.rule());
                    return chosen.estimateCost(model, calibration, by, CollapseTask.batching(this, model, by));
                })
                .map(estimate -> screening.isPresent() ? estimate.byRounding() : estimate);
    }

    /** Collects the settings of a {@link LayerCollapse}. */
    public static final class Builder {
        private Schedule schedule = Schedule.defaults();
        private double threshold = 0.65;
        private boolean scheduled;
        private boolean thresholdSet;
        private Target target;
        private Metric objective;
        private Fit fit;
        private Search search;
        private MergeRule rule;
        private NormPolicy norms = NormPolicy.FROM_BASE;
        private Calibration calibration;
        private OptionalInt batchSize = OptionalInt.empty();
        private OptionalLong memory = OptionalLong.empty();
        private Screening screening;
        private EvaluatorFactory evaluator;
        private Measurements measurements;
        private Journal journal;
        private CollapseListener listener = CollapseListener.NONE;

        private Builder() {}

        /**
         * Sets the search range [L, H]: the search starts at base layer H − C and ends at base layer L. The default is 1 and the
         * number of the model's layers.
         *
         * @param low the lowest base layer L, at least 0
         * @param high the layer H at which the search starts from above, greater than L
         * @return this builder
         * @throws IllegalArgumentException if the range is empty or negative
         */
        public Builder range(int low, int high) {
            return schedule(schedule.withRange(low, high));
        }

        /**
         * Sets C, the number of layers that one merge makes into one. The default is 4.
         *
         * @param layers C, at least 2
         * @return this builder
         * @throws IllegalArgumentException if C is less than 2
         */
        public Builder layersPerMerge(int layers) {
            return schedule(schedule.withLayersPerMerge(layers));
        }

        /**
         * Sets I, by how many layers the base layer moves down after an accepted merge. The default is 2.
         *
         * @param layers I, at least 1
         * @return this builder
         * @throws IllegalArgumentException if I is less than 1
         */
        public Builder interval(int layers) {
            return schedule(schedule.withInterval(layers));
        }

        /**
         * Sets T: a candidate is accepted if its similarity is above it. The default is 0.65.
         *
         * @param similarity T, from −1 to 1
         * @return this builder
         * @throws IllegalArgumentException if T is no such number
         */
        public Builder threshold(double similarity) {
            LacoSearch checked = new LacoSearch(schedule, similarity);
            checkState(
                    target == null,
                    "a threshold and a target of %s exclude one another: with a target the threshold is found",
                    target);
            this.threshold = checked.threshold();
            this.thresholdSet = true;
            return schedule(schedule);
        }

        /**
         * Sets another search than the paper's schedule.
         *
         * @param search the search, which holds its own settings
         * @return this builder
         * @throws IllegalStateException if the schedule's range, layers per merge, interval or threshold was set
         */
        public Builder search(Search search) {
            this.search = requireNonNull(search, "search");
            requireOneSearch(scheduled);
            return this;
        }

        /**
         * Sets how many layers the result has. Without a search or a setting of the paper's schedule the best search is used.
         *
         * @param layers the number of layers, at least 1
         * @return this builder
         * @throws IllegalArgumentException if the number is not positive
         * @throws IllegalStateException if a threshold or a target was set already
         */
        public Builder targetLayers(int layers) {
            return target(Target.layers(layers));
        }

        /**
         * Sets which share of the parameters is removed at least, those outside of the layers counted among all.
         *
         * @param ratio the share, between 0 and 1
         * @return this builder
         * @throws IllegalArgumentException if the share is not between 0 and 1
         * @throws IllegalStateException if a threshold or a target was set already
         */
        public Builder targetRatio(double ratio) {
            return target(Target.ratio(ratio));
        }

        /**
         * Sets how large the result's weights are at most.
         *
         * @param bytes the size in bytes
         * @return this builder
         * @throws IllegalArgumentException if the size is not positive
         * @throws IllegalStateException if a threshold or a target was set already
         */
        public Builder targetBytes(long bytes) {
            return target(Target.bytes(bytes));
        }

        /**
         * Sets how small the result is to be. Without a search or a setting of the paper's schedule the best search is used.
         *
         * @param wanted the target
         * @return this builder
         * @throws IllegalStateException if a threshold or a target was set already
         */
        public Builder target(Target wanted) {
            checkState(target == null, "a target of %s was set already", target);
            checkState(
                    !thresholdSet,
                    "a threshold and a target of %s exclude one another: with a target the threshold is found",
                    wanted);
            this.target = requireNonNull(wanted, "wanted");
            return this;
        }

        /**
         * Sets what candidates are compared by. The default is the search's own, the paper's cosine for its schedule.
         *
         * @param metric the objective
         * @return this builder
         */
        public Builder objective(Metric metric) {
            this.objective = requireNonNull(metric, "metric");
            return this;
        }

        /**
         * Sets how merged layers are fitted in closed form. The default is the search's own, for most searches none.
         *
         * @param fit the fit
         * @return this builder
         */
        public Builder fit(Fit fit) {
            this.fit = requireNonNull(fit, "fit");
            return this;
        }

        /**
         * Sets how linear weights are merged. The default is the search's own rule, for the paper's schedule, a merge by hand and a
         * search that has none {@link MergeRules#telescoped}. Of {@link MergeRules#best} the most similar is taken for each merge.
         *
         * @param rule the rule
         * @return this builder
         */
        public Builder rule(MergeRule rule) {
            this.rule = requireNonNull(rule, "rule");
            return this;
        }

        /**
         * Sets where norms and biases come from. The default is the base layer.
         *
         * @param policy the policy
         * @return this builder
         */
        public Builder norms(NormPolicy policy) {
            this.norms = requireNonNull(policy, "policy");
            return this;
        }

        /**
         * Sets the sequences on which similarity is measured. There is no default.
         *
         * @param calibration the sequences
         * @return this builder
         */
        public Builder calibration(Calibration calibration) {
            this.calibration = requireNonNull(calibration, "calibration");
            return this;
        }

        /**
         * Sets how many candidates are scored together at most. It changes time and memory, never a decision. The default is as many
         * as make matrix products efficient.
         *
         * @param candidates the number, at least 1
         * @return this builder
         * @throws IllegalArgumentException if the number is less than 1
         */
        public Builder batchSize(int candidates) {
            this.batchSize = OptionalInt.of(Batching.of(candidates).size());
            return this;
        }

        /**
         * Sets a first look at candidates in less precision. Those that would be accepted are scored in float32 before they are, those
         * that miss by more than the margin are refused by the first look. The default is none: every score is float32's.
         *
         * @param screening the screening
         * @return this builder
         */
        public Builder screening(Screening screening) {
            this.screening = requireNonNull(screening, "screening");
            return this;
        }

        /**
         * Sets what scores candidates. The default scores them in this process.
         *
         * @param factory makes the evaluator of each search
         * @return this builder
         */
        public Builder evaluator(EvaluatorFactory factory) {
            this.evaluator = requireNonNull(factory, "factory");
            return this;
        }

        /**
         * Bounds the memory of the search, for a model that doesn't fit into it. Once a few candidates have been refused, weights are then
         * read once for as many as the bound allows. Mapped files and a fit don't count. There is no bound by default.
         *
         * @param bytes the bound
         * @return this builder
         * @throws IllegalArgumentException if the bound is not positive; {@link LayerCollapse#apply} refuses one that is too small for the
         *     model and names the smallest that works
         */
        public Builder memory(long bytes) {
            checkArgument(bytes > 0, "the memory bound must be positive, not %s", bytes);
            this.memory = OptionalLong.of(bytes);
            return this;
        }

        /**
         * Sets what searches of the same model and calibration have measured before, which receives what this one measures. The
         * default is nothing, and what is measured is forgotten after the search.
         *
         * @param measurements the measurements, of this calibration and the one model that is searched; {@link LayerCollapse#apply}
         *     refuses others
         * @return this builder
         */
        public Builder measurements(Measurements measurements) {
            this.measurements = requireNonNull(measurements, "measurements");
            return this;
        }

        /**
         * Sets what keeps the scores of a search, so that it can go on if it is cut off. The default is nothing.
         *
         * @param journal the journal, of one search, or of one among several with what they share
         * @return this builder
         */
        public Builder journal(Journal journal) {
            this.journal = requireNonNull(journal, "journal");
            return this;
        }

        /**
         * Sets what receives the progress of the search. The default is nothing.
         *
         * @param listener the listener
         * @return this builder
         */
        public Builder listener(CollapseListener listener) {
            this.listener = requireNonNull(listener, "listener");
            return this;
        }

        /**
         * Makes the collapse.
         *
         * @return a new instance
         * @throws IllegalStateException if no calibration was set, the search needs a target and none was set, or measurements were
         *     set and a journal that doesn't keep them
         */
        public LayerCollapse build() {
            checkState(calibration != null, "a calibration is needed: call calibration(…) before build()");
            checkState(
                    search == null || !search.needsTarget() || target != null,
                    "the search %s needs a target: call targetLayers(…), targetRatio(…) or targetBytes(…)",
                    search == null ? "" : search.name());
            checkState(
                    journal == null || measurements == null || keepsWhatIsShared(),
                    "the journal keeps what one search asks for, which depends on the measurements of others: leave the measurements "
                            + "out, or set a journal that keeps them");
            return new LayerCollapse(this);
        }

        /** The search that was set or follows from other settings; empty if the best one for the stack is wanted. */
        private Optional<Search> chosenSearch() {
            if (search == null && target != null && !scheduled) {
                return Optional.empty();
            }
            Search chosen = search != null ? search : new LacoSearch(schedule, threshold);
            return Optional.of(target != null ? chosen.toTarget() : chosen);
        }

        private boolean keepsWhatIsShared() {
            return journal.measurements().filter(kept -> kept == measurements).isPresent();
        }

        private Builder schedule(Schedule wanted) {
            requireOneSearch(true);
            schedule = wanted;
            scheduled = true;
            return this;
        }

        private void requireOneSearch(boolean hasSchedule) {
            checkState(
                    search == null || !hasSchedule,
                    "range, layersPerMerge, interval and threshold belong to the paper's schedule, not to the search %s",
                    search == null ? "" : search.name());
        }
    }
}
