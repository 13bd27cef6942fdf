package org.laco.sweep;

import com.google.common.base.Stopwatch;
import com.google.common.base.Ticker;
import com.google.common.collect.ArrayListMultimap;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ListMultimap;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.laco.CollapseResult;
import org.laco.evaluate.EvaluatorFactory;
import org.laco.io.JournalMismatchException;
import org.laco.io.SeriesJournal;
import org.laco.measure.Evaluation;
import org.laco.measure.Metrics;
import org.laco.measure.Score;
import org.laco.model.CausalModel;
import org.laco.plan.CollapsePlan;
import org.laco.search.CollapseListener;
import org.laco.train.PostTrainingResult;

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
    private final Optional<SweepTraining> training;
    private final Optional<EvaluatorFactory> evaluator;
    private final CollapseListener listener;
    private final Consumer<String> progress;
    private PointCount count;

    private Sweep(
            SweepInputs inputs,
            SweepStore store,
            SeriesJournal journal,
            Map<String, String> settings,
            Optional<SweepTraining> training,
            Optional<EvaluatorFactory> evaluator,
            CollapseListener listener,
            Consumer<String> progress) {
        this.inputs = inputs;
        this.store = store;
        this.journal = journal;
        this.settings = settings;
        this.training = training;
        this.evaluator = evaluator;
        this.listener = listener;
        this.progress = progress;
    }

    /**
     * Opens a sweep's directory.
     *
     * @param inputs the model and what it is measured on
     * @param directory where points are kept, made if it is not there
     * @param settings what distinguishes this sweep from others, by name
     * @param training how what was found is trained, to be measured once more; empty for no training
     * @param evaluator what scores candidates, empty for this process
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
            Optional<SweepTraining> training,
            Optional<EvaluatorFactory> evaluator,
            CollapseListener listener,
            Consumer<String> progress)
            throws IOException {
        SweepStore store = SweepStore.open(directory, settings);
        return new Sweep(
                inputs,
                store,
                SeriesJournal.open(inputs.checkpoint(), directory),
                ImmutableMap.copyOf(settings),
                training,
                evaluator,
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
        count = new PointCount(
                1
                        + targets.size()
                                * methods.stream()
                                        .mapToInt(method -> heals(method) ? 2 : 1)
                                        .sum(),
                Ticker.systemTicker());
        SweepPoint original = original();
        ListMultimap<Integer, SweepPoint> found = ArrayListMultimap.create();
        for (SweepMethod method : methods) {
            // What the smallest result takes to find contains most of what the larger ones take.
            for (int target : targets.stream().sorted().toList()) {
                found.putAll(target, points(method, target));
            }
        }
        ImmutableList.Builder<SweepPoint> points = ImmutableList.builder();
        points.add(original);
        targets.forEach(target -> points.addAll(found.get(target)));
        return points.build();
    }

    private SweepPoint original() throws IOException {
        CausalModel model = inputs.checkpoint().model();
        Optional<SweepPoint> kept = store.find(SweepPoint.ORIGINAL, model.layerCount());
        if (kept.isPresent()) {
            count.skip(1);
            return kept.get();
        }
        progress.accept(count.begin("measuring the original"));
        CollapsePlan identity = CollapsePlan.identity(model.layerCount());
        SweepPoint point = new PointMeasure(inputs)
                .measure(
                        SweepPoint.ORIGINAL,
                        model,
                        identity,
                        new Evaluation(new Score(Metrics.cosine().name(), 1, ImmutableList.of()), ImmutableMap.of()),
                        Effort.NONE);
        store.save(SweepPoint.ORIGINAL, model.layerCount(), point);
        return point;
    }

    /** Measures what a method makes of the model at one size, and again after a training if there is one; none that it can't reach. */
    private List<SweepPoint> points(SweepMethod method, int target) throws IOException {
        String name = method.name() + " to " + target + " layers";
        Optional<SweepPoint> kept = store.find(method.name(), target);
        Optional<SweepPoint> keptHealed = heals(method) ? store.find(method.healedName(), target) : Optional.empty();
        if (kept.isPresent() && (keptHealed.isPresent() || !heals(method))) {
            journal.skip(name);
            count.skip(heals(method) ? 2 : 1);
            return Stream.of(kept, keptHealed).flatMap(Optional::stream).toList();
        }
        progress.accept(count.begin(name));
        Stopwatch watch = Stopwatch.createStarted();
        List<SweepPoint> points = new ArrayList<>();
        try (PointSearch.Found found =
                new PointSearch(inputs, evaluator, listener).find(method, target, journal.search(name))) {
            watch.stop();
            journal.complete(name);
            Duration searching = watch.elapsed().plus(journal.spent(name));
            points.add(kept.isPresent() ? kept.get() : measured(method, target, found, searching));
            if (heals(method)) {
                healed(method, target, found.result()).ifPresent(points::add);
            }
        } catch (JournalMismatchException e) {
            throw e;
        } catch (IllegalArgumentException | UnsupportedOperationException e) {
            progress.accept(name + ": " + e.getMessage());
            count.skip(heals(method) ? 1 : 0);
        }
        return points;
    }

    private boolean heals(SweepMethod method) {
        return training.isPresent() && method.patch().isEmpty();
    }

    private SweepPoint measured(SweepMethod method, int target, PointSearch.Found found, Duration searching)
            throws IOException {
        PointMeasure measure = new PointMeasure(inputs);
        SweepPoint point = found.patched().isPresent()
                ? measure.measure(method.name(), found.patched().get(), found.result(), Effort.searched(searching))
                : measure.measure(method.name(), found.result(), Effort.searched(searching));
        store.save(method.name(), target, point);
        return point;
    }

    /** Its search is that of the point before, and not counted again. */
    private Optional<SweepPoint> healed(SweepMethod method, int target, CollapseResult found) throws IOException {
        String name = method.healedName() + " to " + target + " layers";
        progress.accept(count.begin(name));
        Stopwatch watch = Stopwatch.createStarted();
        PostTrainingResult trained;
        try {
            trained = training.orElseThrow().train(found, store.beside(method.healedName(), target));
        } catch (IllegalArgumentException | UnsupportedOperationException e) {
            progress.accept(name + ": " + e.getMessage());
            return Optional.empty();
        }
        CollapseResult result = trained.improved() ? found.with(trained.plan()) : found;
        Effort effort = new Effort(Duration.ZERO, watch.elapsed(), trained.tokens());
        SweepPoint point = new PointMeasure(inputs).measure(method.healedName(), result, effort);
        store.save(method.healedName(), target, point);
        return Optional.of(point);
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
