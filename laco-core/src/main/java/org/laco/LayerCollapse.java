package org.laco;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkState;
import static java.util.Objects.requireNonNull;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.CancellationException;
import java.util.function.Supplier;
import org.laco.evaluate.CandidateEvaluator;
import org.laco.evaluate.MemoryNeed;
import org.laco.fit.Fit;
import org.laco.fit.FitPass;
import org.laco.kernel.SingleThreaded;
import org.laco.measure.Evaluation;
import org.laco.measure.Metric;
import org.laco.measure.Metrics;
import org.laco.merge.MergeRule;
import org.laco.merge.MergeRules;
import org.laco.merge.NormPolicy;
import org.laco.plan.CollapsePlan;
import org.laco.plan.FittedLayer;
import org.laco.search.CollapseListener;
import org.laco.search.CollapseStep;
import org.laco.search.Forecast;
import org.laco.search.LacoSearch;
import org.laco.search.Measurements;
import org.laco.search.Search;
import org.laco.search.SearchSession;
import org.laco.search.Searches;
import org.laco.stack.Arithmetic;
import org.laco.stack.Calibration;
import org.laco.stack.LayerStack;
import org.laco.stack.PlanCheck;

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
 * <p>An instance is immutable and can be applied to any number of models, unless it has {@link Builder#measurements}.
 */
public final class LayerCollapse {
    private final Optional<Search> search;
    private final Optional<Target> target;
    private final Optional<Metric> objective;
    private final Optional<Fit> refit;
    private final Optional<MergeRule> rule;
    private final NormPolicy norms;
    private final Calibration calibration;
    private final OptionalInt candidatesAtOnce;
    private final OptionalLong memory;
    private final Optional<Measurements> measurements;
    private final CollapseListener listener;

    private LayerCollapse(Builder builder) {
        this.search = builder.chosenSearch();
        this.target = Optional.ofNullable(builder.target);
        this.objective = Optional.ofNullable(builder.objective);
        this.refit = Optional.ofNullable(builder.refit);
        this.rule = Optional.ofNullable(builder.rule);
        this.norms = builder.norms;
        this.calibration = builder.calibration;
        this.candidatesAtOnce = builder.candidatesAtOnce;
        this.memory = builder.memory;
        this.measurements = Optional.ofNullable(builder.measurements);
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
     * @throws IllegalArgumentException if the settings don't fit the model, as a range outside its layers or a token id beyond its
     *     vocabulary
     * @throws ArithmeticException if the model's hidden states are not finite, as with NaN among its weights
     * @throws CollapseCancelledException if the thread was interrupted; the exception holds what was found until then
     */
    public CollapseResult apply(LayerStack model) {
        requireNonNull(model, "model");
        return compute(model, () -> search(model));
    }

    /** Keeps ND4J's threads away from a model that has its own. */
    private static CollapseResult compute(LayerStack model, Supplier<CollapseResult> task) {
        return SingleThreaded.callIf(Arithmetic.of(model).hasOwnThreads(), task);
    }

    /**
     * Returns the stack on which candidates are measured together. What rounding does to other metrics than the cosine isn't known, and
     * measurements that are kept may serve a search that doesn't measure again.
     */
    private LayerStack together(LayerStack model, Search chosen, Metric compared) {
        return chosen.measuresCloseCallsAgain() && compared.equals(Metrics.cosine()) && measurements.isEmpty()
                ? Arithmetic.of(model).rounded().orElse(model)
                : model;
    }

    private CollapseResult search(LayerStack model) {
        Search chosen = search.orElseGet(() -> Searches.best(model));
        chosen.check(model.layerCount());
        OptionalInt layers =
                target.map(wanted -> OptionalInt.of(wanted.layersOf(model))).orElse(OptionalInt.empty());
        Optional<Fit> fit = refit.isPresent() ? refit : chosen.refit();
        fit.ifPresent(settings -> FitPass.check(model, calibration, settings));
        Metric compared = objective.orElse(chosen.objective());
        MergeRule by = rule.orElse(chosen.rule());
        LayerStack together = together(model, chosen, compared);
        CollapseSettings settings = new CollapseSettings(
                chosen.name(), parameters(chosen, layers, compared, fit, together != model), by, norms);
        listener.started(model.layerCount());
        try (CandidateEvaluator evaluator = CandidateEvaluator.of(
                model,
                together,
                calibration,
                compared,
                OptionalInt.of(candidatesAtOnce(model, by)),
                memory.isPresent(),
                listener)) {
            // Repairs take a pass over all upper layers, too much for each of the plans that a search compares.
            SearchSession session = new SearchSession(
                    model,
                    evaluator,
                    by,
                    norms,
                    layers,
                    fit.map(wanted -> wanted.repairs(false)),
                    listener,
                    measurements.orElseGet(Measurements::create));
            try {
                CollapsePlan found = chosen.search(session);
                CollapsePlan fitted = fit.isPresent() && (fit.get().repairs() || !isFitted(found))
                        ? FitPass.run(model, found, calibration, fit.get(), listener)
                        : found;
                return result(model, settings, session, fitted, evaluator.evaluateFully(fitted), evaluator);
            } catch (CancellationException e) {
                CollapsePlan partial = session.current();
                throw new CollapseCancelledException(
                        result(model, settings, session, partial, evaluator.evaluateFully(partial), evaluator));
            }
        }
    }

    /**
     * Foresees what the paper's search costs, without reading a weight.
     *
     * @param model the model
     * @return the cost if no candidate is accepted
     * @throws IllegalArgumentException if the settings don't fit the model, or the memory bound is too small for it
     * @throws IllegalStateException if another search was set
     */
    public Forecast forecast(LayerStack model) {
        requireNonNull(model, "model");
        checkState(
                search.isPresent() && search.get() instanceof LacoSearch,
                "only the cost of the paper's schedule is known before it is run");
        LacoSearch chosen = (LacoSearch) search.get();
        MergeRule by = rule.orElse(chosen.rule());
        Forecast forecast = chosen.forecast(model, calibration, by, candidatesAtOnce(model, by), memory.isPresent());
        return together(model, chosen, objective.orElse(chosen.objective())) == model
                ? forecast
                : forecast.byRounding();
    }

    /** How many candidates are measured together at most: as many as were asked for, and as fit the memory. */
    private int candidatesAtOnce(LayerStack model, MergeRule by) {
        int wanted = candidatesAtOnce.orElse(
                memory.isPresent() ? model.layerCount() : CandidateEvaluator.efficientCandidates(calibration));
        return memory.isPresent()
                ? Math.min(wanted, MemoryNeed.of(model, calibration, by).candidatesWithin(memory.getAsLong()))
                : wanted;
    }

    private static ImmutableMap<String, Object> parameters(
            Search search, OptionalInt layers, Metric objective, Optional<Fit> refit, boolean rounds) {
        ImmutableMap.Builder<String, Object> parameters = ImmutableMap.builder();
        parameters.putAll(search.parameters());
        layers.ifPresent(number -> parameters.put("targetLayers", number));
        parameters.put("objective", objective.name());
        if (rounds) {
            parameters.put("rounding", CandidateEvaluator.ROUNDING);
        }
        refit.ifPresent(fit -> {
            parameters.put("refit", fit.name());
            fit.calibration()
                    .ifPresent(sequences ->
                            parameters.put("refitTokens", sequences.layout().rows()));
        });
        return parameters.buildOrThrow();
    }

    private static boolean isFitted(CollapsePlan plan) {
        return plan.layers().stream().anyMatch(layer -> layer instanceof FittedLayer);
    }

    /**
     * Merges one layer with those that follow it, whatever the similarity.
     *
     * @param model the model, which is left as it is
     * @param layer the base layer l, from 0
     * @param following the number m of following layers that are merged into it, at least 1
     * @return the plan, one step, and the collapsed model
     * @throws IllegalArgumentException if the model doesn't have those layers or they differ in kind
     * @throws ArithmeticException if the model's hidden states are not finite, as with NaN among its weights
     */
    public CollapseResult merge(LayerStack model, int layer, int following) {
        requireNonNull(model, "model");
        return compute(model, () -> mergeOnce(model, layer, following));
    }

    private CollapseResult mergeOnce(LayerStack model, int layer, int following) {
        MergeRule by = rule.orElse(MergeRules.telescoped());
        CollapsePlan original = CollapsePlan.identity(model.layerCount());
        ImmutableList<CollapsePlan> candidates = by.choices(Math.max(2, following + 1)).stream()
                .map(one -> original.merge(layer, following, one, norms))
                .collect(ImmutableList.toImmutableList());
        PlanCheck.check(model, candidates.get(0));
        listener.started(model.layerCount());
        try (CandidateEvaluator evaluator = CandidateEvaluator.of(model, calibration, listener)) {
            SearchSession session = new SearchSession(
                    model,
                    evaluator,
                    by,
                    norms,
                    OptionalInt.empty(),
                    Optional.empty(),
                    listener,
                    Measurements.create());
            CollapsePlan plan = session.mostSimilar(candidates, layer, following);
            Evaluation evaluation = evaluator.evaluateFully(plan);
            session.accept(plan, CollapseStep.evaluated(layer, following, plan.rule(layer), evaluation, true));
            return result(
                    model,
                    new CollapseSettings("merge", ImmutableMap.of("objective", evaluation.metric()), by, norms),
                    session,
                    plan,
                    evaluation,
                    evaluator);
        }
    }

    /**
     * Measures a plan that was found before, or made by hand. If a refit is set, the plan's merged layers are fitted anew.
     *
     * @param model the model, which is left as it is
     * @param plan a plan for that model
     * @return the plan, no steps, and the collapsed model
     * @throws IllegalArgumentException if the plan doesn't fit the model, or holds only the hashes of fitted weights and no refit is set
     * @throws ArithmeticException if the model's hidden states are not finite, as with NaN among its weights
     */
    public CollapseResult replay(LayerStack model, CollapsePlan plan) {
        requireNonNull(model, "model");
        return compute(model, () -> measure(model, plan));
    }

    private CollapseResult measure(LayerStack model, CollapsePlan plan) {
        CollapsePlan unfitted = refit.isPresent() ? plan.unfitted() : plan;
        PlanCheck.check(model, unfitted);
        listener.started(model.layerCount());
        CollapsePlan replayed = refit.map(fit -> FitPass.run(model, unfitted, calibration, fit, listener))
                .orElse(unfitted);
        try (CandidateEvaluator evaluator = CandidateEvaluator.of(model, calibration, listener)) {
            return new CollapseResult(
                    new CollapseSettings(
                            "replay",
                            refit.<ImmutableMap<String, Object>>map(fit -> ImmutableMap.of("refit", fit.name()))
                                    .orElse(ImmutableMap.of()),
                            rule.orElse(MergeRules.telescoped()),
                            norms),
                    calibration,
                    replayed,
                    ImmutableList.of(),
                    evaluator.evaluateFully(replayed),
                    evaluator.reference(),
                    model,
                    model.collapsed(replayed));
        }
    }

    private CollapseResult result(
            LayerStack model,
            CollapseSettings settings,
            SearchSession session,
            CollapsePlan plan,
            Evaluation evaluation,
            CandidateEvaluator evaluator) {
        return new CollapseResult(
                new CollapseSettings(
                        settings.search(),
                        ImmutableMap.<String, Object>builder()
                                .putAll(settings.parameters())
                                .putAll(session.findings())
                                .buildOrThrow(),
                        settings.rule(),
                        norms),
                calibration,
                plan,
                session.steps(),
                evaluation,
                evaluator.reference(),
                model,
                model.collapsed(plan));
    }

    /** Collects the settings of a {@link LayerCollapse}. */
    public static final class Builder {
        private int low = 1;
        private int high = LacoSearch.ALL_LAYERS;
        private int layersPerMerge = 4;
        private int interval = 2;
        private double threshold = 0.65;
        private boolean scheduled;
        private boolean thresholdSet;
        private Target target;
        private Metric objective;
        private Fit refit;
        private Search search;
        private MergeRule rule;
        private NormPolicy norms = NormPolicy.FROM_BASE;
        private Calibration calibration;
        private OptionalInt candidatesAtOnce = OptionalInt.empty();
        private OptionalLong memory = OptionalLong.empty();
        private Measurements measurements;
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
            checkArgument(low >= 0, "the range's low end must be 0 or more, not %s", low);
            checkArgument(low < high, "the range [%s, %s] is empty: low must be below high", low, high);
            this.low = low;
            this.high = high;
            return scheduled();
        }

        /**
         * Sets C, the number of layers that one merge makes into one. The default is 4.
         *
         * @param layers C, at least 2
         * @return this builder
         * @throws IllegalArgumentException if C is less than 2
         */
        public Builder layersPerMerge(int layers) {
            checkArgument(layers >= 2, "a merge takes at least 2 layers, not %s", layers);
            this.layersPerMerge = layers;
            return scheduled();
        }

        /**
         * Sets I, by how many layers the base layer moves down after an accepted merge. The default is 2.
         *
         * @param layers I, at least 1
         * @return this builder
         * @throws IllegalArgumentException if I is less than 1
         */
        public Builder interval(int layers) {
            checkArgument(layers >= 1, "the interval must be at least 1, not %s", layers);
            this.interval = layers;
            return scheduled();
        }

        /**
         * Sets T: a candidate is accepted if its similarity is above it. The default is 0.65.
         *
         * @param similarity T, from −1 to 1
         * @return this builder
         * @throws IllegalArgumentException if T is no such number
         */
        public Builder threshold(double similarity) {
            checkArgument(
                    similarity >= -1 && similarity <= 1, "the threshold must be from -1 to 1, not %s", similarity);
            checkState(
                    target == null,
                    "a threshold and a target of %s exclude one another: with a target the threshold is found",
                    target);
            this.threshold = similarity;
            this.thresholdSet = true;
            return scheduled();
        }

        /**
         * Sets another search than the paper's schedule.
         *
         * @param search the search, which holds its own settings
         * @return this builder
         * @throws IllegalStateException if the schedule's range, layers per merge, interval or threshold was set
         */
        public Builder search(Search search) {
            checkState(
                    !scheduled,
                    "range, layersPerMerge, interval and threshold belong to the paper's schedule, not to %s",
                    search.name());
            this.search = requireNonNull(search, "search");
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

        private Builder target(Target wanted) {
            checkState(target == null, "a target of %s was set already", target);
            checkState(
                    !thresholdSet,
                    "a threshold and a target of %s exclude one another: with a target the threshold is found",
                    wanted);
            this.target = wanted;
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
         * @param refit the refit
         * @return this builder
         */
        public Builder refit(Fit refit) {
            this.refit = requireNonNull(refit, "refit");
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
         * Sets how many candidates are measured together at most. It changes time and memory, never a decision. The default is as many
         * as make matrix products efficient.
         *
         * @param candidates the number, at least 1
         * @return this builder
         * @throws IllegalArgumentException if the number is less than 1
         */
        public Builder candidatesAtOnce(int candidates) {
            checkArgument(candidates >= 1, "at least one candidate is measured at once, not %s", candidates);
            this.candidatesAtOnce = OptionalInt.of(candidates);
            return this;
        }

        /**
         * Bounds the memory of the search, for a model that doesn't fit into it. Once a few candidates have been refused, weights are then
         * read once for as many as the bound allows. Mapped files and a refit don't count. There is no bound by default.
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
         * Sets who is told how the search goes on. The default is nobody.
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
         * @throws IllegalStateException if no calibration was set, or the search needs a target and none was set
         */
        public LayerCollapse build() {
            checkState(calibration != null, "a calibration is needed: call calibration(…) before build()");
            checkState(
                    search == null || !search.needsTarget() || target != null,
                    "the search %s needs a target: call targetLayers(…), targetRatio(…) or targetBytes(…)",
                    search == null ? "" : search.name());
            return new LayerCollapse(this);
        }

        /** The search that was set or follows from other settings; empty if the best one for the stack is wanted. */
        private Optional<Search> chosenSearch() {
            if (search == null && target != null && !scheduled) {
                return Optional.empty();
            }
            Search chosen = search != null ? search : new LacoSearch(low, high, layersPerMerge, interval, threshold);
            if (target != null && chosen instanceof LacoSearch schedule) {
                return Optional.of(Searches.toTarget(schedule));
            }
            return Optional.of(chosen);
        }

        private Builder scheduled() {
            checkState(
                    search == null,
                    "range, layersPerMerge, interval and threshold belong to the paper's schedule, not to the search that was set");
            scheduled = true;
            return this;
        }
    }
}
