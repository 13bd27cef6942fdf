package org.laco;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableMap;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CancellationException;
import org.laco.evaluate.Batching;
import org.laco.evaluate.Evaluator;
import org.laco.evaluate.EvaluatorSettings;
import org.laco.evaluate.LocalEvaluator;
import org.laco.evaluate.MemoryNeed;
import org.laco.evaluate.Screening;
import org.laco.fit.Fit;
import org.laco.fit.FitPass;
import org.laco.kernel.SingleThreaded;
import org.laco.measure.Evaluation;
import org.laco.measure.Metric;
import org.laco.measure.Metrics;
import org.laco.measure.Score;
import org.laco.merge.MergeRule;
import org.laco.merge.MergeRules;
import org.laco.plan.CollapsePlan;
import org.laco.search.Found;
import org.laco.search.Measurements;
import org.laco.search.Search;
import org.laco.search.SearchContext;
import org.laco.search.SearchLog;
import org.laco.search.SearchSettings;
import org.laco.search.Searches;
import org.laco.stack.Arithmetic;
import org.laco.stack.LayerStack;
import org.laco.stack.PlanCheck;

/** One collapse of one model: its settings resolved, then a search, a fit and the evaluation of what was found. */
final class CollapseTask {
    private final LayerCollapse settings;
    private final LayerStack model;
    private final Search search;
    private final MergeRule rule;
    private final Metric metric;
    private final OptionalInt target;
    private final Optional<Fit> fit;
    private final Optional<Screening> screening;
    private final ImmutableMap<String, Object> parameters;

    private CollapseTask(
            LayerCollapse settings,
            LayerStack model,
            Search search,
            MergeRule rule,
            Metric metric,
            OptionalInt target,
            Optional<Fit> fit,
            Optional<Screening> screening,
            ImmutableMap<String, Object> parameters) {
        this.settings = settings;
        this.model = model;
        this.search = search;
        this.rule = rule;
        this.metric = metric;
        this.target = target;
        this.fit = fit;
        this.screening = screening;
        this.parameters = parameters;
    }

    /** A search for layers to merge. */
    static CollapseTask search(LayerCollapse settings, LayerStack model) {
        Search search = settings.search.orElseGet(() -> Searches.best(model));
        search.check(model.layerCount());
        OptionalInt target = settings.target
                .map(wanted -> OptionalInt.of(wanted.layersOf(model)))
                .orElse(OptionalInt.empty());
        Optional<Fit> fit = settings.fit.isPresent() ? settings.fit : search.fit();
        fit.ifPresent(how -> FitPass.check(model, settings.calibration, how));
        checkArgument(
                settings.screening.isEmpty() || search.confirmsWhatItAccepts(),
                "the search %s doesn't confirm the candidates that it accepts, so they can't be screened in less precision: leave the "
                        + "screening out, or use laco or greedy",
                search.name());
        Metric metric = settings.objective.orElse(search.objective());
        ImmutableMap.Builder<String, Object> parameters = ImmutableMap.builder();
        parameters.putAll(search.parameters());
        target.ifPresent(layers -> parameters.put("targetLayers", layers));
        parameters.put("objective", metric.name()).putAll(metric.parameters());
        settings.screening.ifPresent(screening ->
                parameters.put("screen", screening.precision().toString()).put("screenMargin", screening.margin()));
        fit.ifPresent(how -> {
            parameters.put("refit", how.name());
            how.calibration()
                    .ifPresent(sequences ->
                            parameters.put("refitTokens", sequences.layout().rows()));
        });
        return new CollapseTask(
                settings,
                model,
                search,
                settings.rule.orElse(search.rule()),
                metric,
                target,
                fit,
                settings.screening,
                parameters.buildOrThrow());
    }

    /** One merge, whatever its score. */
    static CollapseTask merge(LayerCollapse settings, LayerStack model, int layer, int following) {
        MergeRule rule = settings.rule.orElse(MergeRules.telescoped());
        PlanCheck.check(
                model,
                CollapsePlan.identity(model.layerCount())
                        .merge(
                                layer,
                                following,
                                rule.choices(Math.max(2, following + 1)).get(0),
                                settings.norms));
        return new CollapseTask(
                settings,
                model,
                new OneMerge(layer, following),
                rule,
                Metrics.cosine(),
                OptionalInt.empty(),
                Optional.empty(),
                Optional.empty(),
                ImmutableMap.of("objective", Metrics.cosine().name()));
    }

    /** A plan that was found before; its merged layers are fitted anew if a fit is set. */
    static CollapseTask replay(LayerCollapse settings, LayerStack model, CollapsePlan plan) {
        CollapsePlan unfitted = settings.fit.isPresent() ? plan.unfitted() : plan;
        PlanCheck.check(model, unfitted);
        return new CollapseTask(
                settings,
                model,
                new Replay(unfitted),
                settings.rule.orElse(MergeRules.telescoped()),
                Metrics.cosine(),
                OptionalInt.empty(),
                settings.fit,
                Optional.empty(),
                settings.fit
                        .<ImmutableMap<String, Object>>map(how -> ImmutableMap.of("refit", how.name()))
                        .orElse(ImmutableMap.of()));
    }

    /** Runs the task; keeps ND4J's threads away from a model that has its own. */
    CollapseResult run() {
        return SingleThreaded.callIf(Arithmetic.of(model).hasOwnThreads(), this::compute);
    }

    private CollapseResult compute() {
        settings.listener.started(model.layerCount());
        EvaluatorSettings how = new EvaluatorSettings(metric, batching(settings, model, rule), screening);
        settings.journal.ifPresent(journal -> journal.begin(new Journal.Subject(
                model,
                settings.calibration,
                new CollapseSettings(search.name(), parameters, rule, settings.norms),
                how,
                fit)));
        if (settings.evaluator.isEmpty()) {
            try (LocalEvaluator local = local(how)) {
                return search(journaled(local), local);
            }
        }
        // The result is evaluated here whoever scores the candidates.
        try (Evaluator remote = settings.evaluator
                        .get()
                        .create(model, settings.calibration, how, settings.listener, settings.listener);
                LocalEvaluator local = local(new EvaluatorSettings(metric, how.batching(), Optional.empty()))) {
            return search(journaled(remote), local);
        }
    }

    private Evaluator journaled(Evaluator scoring) {
        return settings.journal.map(journal -> journal.around(scoring)).orElse(scoring);
    }

    private LocalEvaluator local(EvaluatorSettings how) {
        return LocalEvaluator.of(model, settings.calibration, how, settings.listener, settings.listener);
    }

    private CollapseResult search(Evaluator scoring, LocalEvaluator local) {
        // Repairs take a pass over all upper layers, too much for each of the plans that a search compares.
        SearchContext context = SearchContext.of(
                model,
                settings.calibration,
                scoring,
                new SearchSettings(rule, settings.norms, target, fit.map(wanted -> wanted.repairs(false))),
                settings.measurements.orElseGet(Measurements::create),
                settings.listener);
        SearchLog log = SearchLog.start(context, settings.listener);
        try {
            Found found = search.search(context, log);
            CollapsePlan plan = context.fitted(found.plan(), fit.filter(how -> how.repairs() || !found.fitted()));
            Evaluation evaluation = local.evaluate(plan);
            requireAboveThreshold(
                    found,
                    plan.equals(found.plan()) && metric.equals(Metrics.cosine()) && !local.roundsWhenWritten()
                            ? evaluation.similarity()
                            : context.scores().confirm(found.plan()));
            return result(log, plan, evaluation, local);
        } catch (CancellationException e) {
            throw new CollapseCancelledException(result(log, log.current(), local.evaluate(log.current()), local));
        }
    }

    /** Refuses a result that its own search would refuse: then a score on the way was wrong. */
    private static void requireAboveThreshold(Found found, Score score) {
        if (found.threshold().isPresent()
                && found.plan().size() < found.plan().originalSize()
                && !(score.value() > found.threshold().getAsDouble())) {
            throw new ArithmeticException(String.format(
                    "the result's %s is %s, not above the threshold %s that its merges were accepted at: the arithmetic used here is not "
                            + "exact enough for this decision; search again without screening, or with another threshold",
                    score.metric(), score.value(), found.threshold().getAsDouble()));
        }
    }

    private CollapseResult result(SearchLog log, CollapsePlan plan, Evaluation evaluation, LocalEvaluator local) {
        return new CollapseResult(
                new CollapseSettings(
                        search.name(),
                        ImmutableMap.<String, Object>builder()
                                .putAll(parameters)
                                .putAll(log.findings())
                                .buildOrThrow(),
                        rule,
                        settings.norms),
                settings.calibration,
                plan,
                log.steps(),
                evaluation,
                local.reference(),
                model,
                model.collapsed(plan));
    }

    /** How many candidates are scored together: as many as were asked for, and as fit the memory. */
    static Batching batching(LayerCollapse settings, LayerStack model, MergeRule rule) {
        if (settings.memory.isEmpty()) {
            return settings.batchSize.isPresent()
                    ? Batching.of(settings.batchSize.getAsInt())
                    : Batching.efficient(settings.calibration);
        }
        int fitting = MemoryNeed.of(model, settings.calibration, rule).candidatesWithin(settings.memory.getAsLong());
        return Batching.ofWholePasses(
                Math.min(settings.batchSize.orElse(model.layerCount()), fitting), settings.calibration);
    }
}
