package org.laco.sweep;

import com.google.common.base.Stopwatch;
import com.google.common.collect.HashBasedTable;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.Table;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.laco.CollapseResult;
import org.laco.LayerCollapse;
import org.laco.fit.Fit;
import org.laco.fit.GapGain;
import org.laco.fit.PatchedStack;
import org.laco.io.JournalMismatchException;
import org.laco.io.SeriesJournal;
import org.laco.measure.Evaluation;
import org.laco.measure.Metrics;
import org.laco.measure.Score;
import org.laco.model.CausalModel;
import org.laco.plan.CollapsePlan;
import org.laco.search.CollapseListener;
import org.laco.stack.Calibration;

/**
 * Runs several methods at several sizes and measures each result.
 *
 * <p>Finished points are kept in the directory, and the scores of candidates in a journal beside it until the sweep is complete. A sweep
 * that was stopped goes on with the first score that is missing, and ends with the points of one that wasn't stopped.
 */
public final class Sweep implements AutoCloseable {
    private final SweepInputs inputs;
    private final SweepStore store;
    private final SeriesJournal journal;
    private final Map<String, String> settings;
    private final CollapseListener listener;
    private final Consumer<String> progress;

    private Sweep(
            SweepInputs inputs,
            SweepStore store,
            SeriesJournal journal,
            Map<String, String> settings,
            CollapseListener listener,
            Consumer<String> progress) {
        this.inputs = inputs;
        this.store = store;
        this.journal = journal;
        this.settings = settings;
        this.listener = listener;
        this.progress = progress;
    }

    /**
     * Opens a sweep's directory.
     *
     * @param inputs the model and what it is measured on
     * @param directory where points are kept, made if it is not there
     * @param settings what distinguishes this sweep from others, by name
     * @param listener who is told how searches go on
     * @param progress is told of each point
     * @return the sweep, which the caller closes
     * @throws IOException if the directory can't be written or holds a sweep of other settings, another process runs one there, or its
     *     journal was damaged
     */
    public static Sweep open(
            SweepInputs inputs,
            Path directory,
            Map<String, String> settings,
            CollapseListener listener,
            Consumer<String> progress)
            throws IOException {
        SweepStore store = SweepStore.open(directory, settings);
        return new Sweep(
                inputs,
                store,
                SeriesJournal.open(inputs.checkpoint(), directory),
                ImmutableMap.copyOf(settings),
                listener,
                progress);
    }

    /**
     * Returns how many scores were kept of a sweep that was cut off, none of which is measured again.
     *
     * @return 0 for a new one
     */
    public int known() {
        return journal.known();
    }

    /**
     * Returns how many scores are kept for a sweep that goes on.
     *
     * @return those that are {@link #known} and those that were measured since
     */
    public int kept() {
        return journal.kept();
    }

    /**
     * Measures the original and every method at every size, the smallest first. Searches share what they measure, so that the other
     * sizes take little time.
     *
     * @param methods the methods
     * @param targets the numbers of layers
     * @return the points in the order of sizes and methods, the original first; a method that can't reach a size has none there
     * @throws IOException if a point can't be read or written
     * @throws org.laco.io.JournalMismatchException if a sweep of other methods, sizes or inputs was cut off there
     */
    public ImmutableList<SweepPoint> run(List<SweepMethod> methods, List<Integer> targets) throws IOException {
        journal.begin(ImmutableMap.<String, String>builder()
                .putAll(settings)
                .put("searches", methods.stream().map(SweepMethod::name).collect(Collectors.joining(", ")))
                .put("layers", targets.stream().map(String::valueOf).collect(Collectors.joining(", ")))
                .buildOrThrow());
        SweepPoint original = original();
        Table<Integer, SweepMethod, SweepPoint> found = HashBasedTable.create();
        for (SweepMethod method : methods) {
            // What the smallest result takes to find contains most of what the larger ones take.
            for (int target : targets.stream().sorted().toList()) {
                point(method, target).ifPresent(point -> found.put(target, method, point));
            }
        }
        ImmutableList.Builder<SweepPoint> points = ImmutableList.builder();
        points.add(original);
        for (int target : targets) {
            methods.stream()
                    .map(method -> found.get(target, method))
                    .filter(Objects::nonNull)
                    .forEach(points::add);
        }
        return points.build();
    }

    private SweepPoint original() throws IOException {
        CausalModel model = inputs.checkpoint().model();
        Optional<SweepPoint> kept = store.find(SweepPoint.ORIGINAL, model.layerCount());
        if (kept.isPresent()) {
            return kept.get();
        }
        progress.accept("measuring the original");
        CollapsePlan identity = CollapsePlan.identity(model.layerCount());
        SweepPoint point = new PointMeasure(inputs)
                .measure(
                        SweepPoint.ORIGINAL,
                        model,
                        identity,
                        new Evaluation(new Score(Metrics.cosine().name(), 1, ImmutableList.of()), ImmutableMap.of()),
                        Duration.ZERO);
        store.save(SweepPoint.ORIGINAL, model.layerCount(), point);
        return point;
    }

    private Optional<SweepPoint> point(SweepMethod method, int target) throws IOException {
        Optional<SweepPoint> kept = store.find(method.name(), target);
        String name = method.name() + " to " + target + " layers";
        if (kept.isPresent()) {
            journal.skip(name);
            return kept;
        }
        progress.accept(name);
        LayerCollapse.Builder builder = LayerCollapse.builder()
                .search(method.search())
                .targetLayers(target)
                .calibration(inputs.calibration())
                .journal(journal.search(name))
                .listener(listener);
        if (method.refit() || method.search().fit().isPresent()) {
            builder.fit(method.search().fit().map(this::alike).orElse(inputs.refit()));
        }
        Stopwatch watch = Stopwatch.createStarted();
        CollapseResult result;
        Optional<PatchedStack> patched;
        try {
            CollapseResult found = builder.build().apply(inputs.checkpoint().model());
            result = method.folded() ? folded(found) : found;
            patched = patched(method, result.plan());
        } catch (JournalMismatchException e) {
            throw e;
        } catch (IllegalArgumentException | UnsupportedOperationException e) {
            progress.accept(name + ": " + e.getMessage());
            return Optional.empty();
        }
        watch.stop();
        journal.complete(name);
        SweepPoint point =
                measured(method.name(), result, patched, watch.elapsed().plus(journal.spent(name)));
        store.save(method.name(), target, point);
        return Optional.of(point);
    }

    /** Folds in what of LinearPatch can be, on the tokens of the fits. */
    private CollapseResult folded(CollapseResult found) {
        return determined(() -> found.with(GapGain.fold(inputs.checkpoint().model(), found.plan(), fitTokens())));
    }

    /** Adds matrices at the gaps if the method wants them, on the tokens of the fits. */
    private Optional<PatchedStack> patched(SweepMethod method, CollapsePlan plan) {
        return method.patch()
                .map(patch ->
                        determined(() -> PatchedStack.fit(inputs.checkpoint().model(), plan, patch, fitTokens())));
    }

    /**
     * Estimates something on tokens.
     *
     * @throws IllegalArgumentException if they don't determine it, which ends this point and not the sweep
     */
    private static <T> T determined(Supplier<T> estimate) {
        try {
            return estimate.get();
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    private Calibration fitTokens() {
        return inputs.refit().calibration().orElse(inputs.calibration());
    }

    private SweepPoint measured(
            String method, CollapseResult result, Optional<PatchedStack> patched, Duration searching)
            throws IOException {
        PointMeasure measure = new PointMeasure(inputs);
        if (patched.isEmpty()) {
            return measure.measure(method, (CausalModel) result.model(), result.plan(), result.evaluation(), searching);
        }
        try (PatchedStack stack = patched.get()) {
            return measure.measure(method, stack, result, searching);
        }
    }

    /** Every fit of the sweep sees the same tokens, and is refused for the same want of them. */
    private Fit alike(Fit own) {
        return own.calibration(fitTokens()).tokensPerInput(inputs.refit().tokensPerInput());
    }

    /**
     * Forgets the scores, once everything that is made of the points is written.
     *
     * @throws IOException if the journal can't be removed
     */
    public void complete() throws IOException {
        journal.remove();
    }

    @Override
    public void close() throws IOException {
        journal.close();
    }
}
