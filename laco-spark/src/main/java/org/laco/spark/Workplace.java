package org.laco.spark;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.base.Throwables;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.util.concurrent.Futures;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinWorkerThread;
import java.util.function.BooleanSupplier;
import java.util.function.IntFunction;
import org.apache.spark.SparkEnv;
import org.apache.spark.storage.BlockManagerId;
import org.laco.evaluate.Evaluator;
import org.laco.evaluate.FittedSpans;
import org.laco.evaluate.LocalEvaluator;
import org.laco.evaluate.PassListener;
import org.laco.evaluate.Sample;
import org.laco.fit.Fit;
import org.laco.fit.FitCost;
import org.laco.fit.FitListener;
import org.laco.fit.FitWorker;
import org.laco.io.Checkpoint;
import org.laco.io.CheckpointIdentity;
import org.laco.io.Checkpoints;
import org.laco.kernel.SingleThreaded;
import org.laco.model.CausalModel;
import org.laco.plan.CollapsePlan;
import org.laco.stack.Arithmetic;

/** An opened checkpoint with the original's hidden states, from which an executor answers one question after another. */
final class Workplace implements AutoCloseable {
    private final Subject subject;
    private final Checkpoint checkpoint;
    private final ForkJoinPool threads;
    private final Passes passes;
    private final LocalEvaluator whole;
    private final Map<Sample, Evaluator> sampled = new HashMap<>();
    /** The encoded plan whose hidden states are kept, empty for the original; and whether they are of all of it. */
    private Optional<JsonNode> base = Optional.empty();

    private boolean complete = true;

    /** The fits that were asked about, by what was sent of them. */
    private final Map<JsonNode, Fit> fits = new HashMap<>();

    private Optional<OpenSpans> spans = Optional.empty();
    private Optional<OpenRows> rows = Optional.empty();

    private Workplace(
            Subject subject, Checkpoint checkpoint, ForkJoinPool threads, Passes passes, LocalEvaluator whole) {
        this.subject = subject;
        this.checkpoint = checkpoint;
        this.threads = threads;
        this.passes = passes;
        this.whole = whole;
    }

    /**
     * Opens a checkpoint and runs the original model.
     *
     * @throws IOException if the checkpoint can't be opened, or isn't the driver's; the message names the machine
     * @throws IllegalArgumentException if it can't be computed here as on the driver
     */
    static Workplace open(Subject subject) throws IOException {
        Checkpoint checkpoint = opened(subject);
        ForkJoinPool threads = pool(subject.threads());
        try {
            CausalModel model = checkpoint.model();
            if (!model.arithmetic().equals(subject.arithmetic())) {
                throw new IllegalArgumentException(String.format(
                        "the executor on %s computes by %s, and the driver by %s: give both the same libraries",
                        machine(), model.arithmetic(), subject.arithmetic()));
            }
            Passes passes = new Passes();
            LocalEvaluator whole = call(
                    threads,
                    model,
                    () -> LocalEvaluator.of(
                            model, subject.calibration(), subject.settings(), passes, FitListener.NONE));
            passes.take();
            return new Workplace(subject, checkpoint, threads, passes, whole);
        } catch (RuntimeException | Error e) {
            threads.shutdown();
            checkpoint.close();
            throw e;
        }
    }

    private static Checkpoint opened(Subject subject) throws IOException {
        Checkpoint checkpoint;
        try {
            checkpoint = Checkpoints.open(Path.of(subject.location()));
        } catch (IOException e) {
            throw new IOException(
                    String.format(
                            "the executor on %s can't open the checkpoint: %s; it has to lie on storage that all executors see at the "
                                    + "driver's path",
                            machine(), e.getMessage()),
                    e);
        }
        try {
            requireSame(subject.identity(), CheckpointIdentity.of(checkpoint));
            return checkpoint;
        } catch (IOException | RuntimeException e) {
            checkpoint.close();
            throw e;
        }
    }

    private static void requireSame(ImmutableMap<String, String> expected, Map<String, String> found)
            throws IOException {
        for (Map.Entry<String, String> file : expected.entrySet()) {
            String there = found.get(file.getKey());
            if (!file.getValue().equals(there)) {
                throw new IOException(String.format(
                        "the checkpoint's %s on %s is not the driver's: there it is %s, here %s; share the storage, or copy it with its "
                                + "times",
                        file.getKey(), machine(), there == null ? "missing" : there, file.getValue()));
            }
        }
    }

    private static String machine() {
        return SparkEnv.get().blockManager().blockManagerId().host();
    }

    /** Makes threads that know the classes which this one does: an executor's application has a class loader of its own. */
    private static ForkJoinPool pool(int threads) {
        ClassLoader loader = Workplace.class.getClassLoader();
        return new ForkJoinPool(
                threads,
                pool -> {
                    ForkJoinWorkerThread thread = ForkJoinPool.defaultForkJoinWorkerThreadFactory.newThread(pool);
                    thread.setContextClassLoader(loader);
                    return thread;
                },
                null,
                false);
    }

    Subject subject() {
        return subject;
    }

    /**
     * Answers a question.
     *
     * @throws CancellationException once nobody waits for the answer any more
     */
    Answer answer(Question question, IntFunction<byte[]> sent, BooleanSupplier stopped) {
        passes.until(stopped);
        return call(threads, checkpoint.model(), () -> answer(question, sent)).from(place());
    }

    /** Where Spark finds this executor. */
    private static String place() {
        BlockManagerId here = SparkEnv.get().blockManager().blockManagerId();
        return "executor_" + here.host() + "_" + here.executorId();
    }

    private Answer answer(Question question, IntFunction<byte[]> sent) {
        if (question.kind() != Question.Kind.ROWS) {
            endRows();
        }
        ReceivedPlans plans = new ReceivedPlans(sent);
        ImmutableList<CollapsePlan> all =
                question.plans().stream().map(plans::decode).collect(ImmutableList.toImmutableList());
        switch (question.kind()) {
            case ROWS:
                Question.Rows asked = question.rows().orElseThrow();
                return Answer.ofRows(rows(sent.apply(asked.task())).answer(asked.about(all)));
            case END:
                return Answer.ofScores(ImmutableList.of(), ImmutableList.of(), Optional.empty());
            default:
                rebase(question.base(), sent);
        }
        Evaluator evaluator = question.sample()
                .<Evaluator>map(sample -> sampled.computeIfAbsent(sample, whole::sampled))
                .orElse(whole);
        return switch (question.kind()) {
            case CONFIRM ->
                Answer.ofScores(
                        all.stream().map(evaluator::confirm).collect(ImmutableList.toImmutableList()),
                        passes.take(),
                        Optional.empty());
            case SCREEN -> Answer.ofScores(evaluator.screen(all), passes.take(), Optional.empty());
            default -> {
                Question.Start start = question.spans().orElseThrow();
                OpenSpans open = spans(question.sample(), evaluator, sent.apply(start.task()), start.layer());
                FittedSpans.Group group = open.fitting.fit(start.layer(), all, start.merged());
                List<CollapsePlan> wanted =
                        start.wanted().stream().map(all::get).toList();
                yield question.kind() == Question.Kind.FIT
                        ? Answer.ofScores(group.screen(wanted), passes.take(), Optional.of(open.cost()))
                        : fitted(group.fitted(wanted), open.cost());
            }
        };
    }

    private Answer fitted(List<CollapsePlan> plans, FitCost cost) {
        List<byte[]> weights = new ArrayList<>();
        SentPlans encoding = new SentPlans(weight -> {
            weights.add(weight);
            return weights.size() - 1;
        });
        ImmutableList<JsonNode> encoded = plans.stream().map(encoding::encode).collect(ImmutableList.toImmutableList());
        return Answer.ofPlans(encoded, ImmutableList.copyOf(weights), passes.take(), Optional.of(cost));
    }

    private FitWorker rows(byte[] task) {
        if (rows.filter(open -> Arrays.equals(open.task, task)).isEmpty()) {
            endRows();
            // They take as much memory as the spans that come before them.
            endSpans();
            SpanTask wanted = SpanTask.decode(task, fits);
            rows = Optional.of(new OpenRows(
                    task,
                    new FitWorker(checkpoint.model(), wanted.fit().calibration().orElseThrow(), wanted.fit())));
        }
        return rows.get().worker;
    }

    /**
     * Rows that a plan is fitted to.
     *
     * @param task what was sent of the fit
     * @param worker what computes them
     */
    private record OpenRows(byte[] task, FitWorker worker) {}

    private void endRows() {
        rows.ifPresent(open -> open.worker.close());
        rows = Optional.empty();
    }

    private void endSpans() {
        spans.ifPresent(open -> open.fitting.close());
        spans = Optional.empty();
    }

    private void rebase(Optional<JsonNode> wanted, IntFunction<byte[]> sent) {
        if (!complete || !wanted.equals(base)) {
            // They view the hidden states of the base before.
            sampled.clear();
            complete = false;
            CollapsePlan original = CollapsePlan.identity(checkpoint.model().layerCount());
            ReceivedPlans plans = new ReceivedPlans(sent);
            whole.rebase(wanted.map(plans::decode).orElse(original));
            base = wanted;
            complete = true;
        }
    }

    /** Forgets what a question that was stopped may have left half done. */
    void forget() {
        complete = false;
        endSpans();
        endRows();
    }

    /**
     * Fits of spans, which go from the bottom up.
     *
     * @param sample what they are scored on
     * @param task what was sent of them
     * @param fitting the fits
     * @param layer the layer of the present question
     * @param solutions how many were made for those before
     */
    private record OpenSpans(Optional<Sample> sample, byte[] task, FittedSpans fitting, int layer, int solutions) {
        FitCost cost() {
            FitCost until = fitting.cost();
            return new FitCost(until.time(), until.solutions() - solutions, until.tokens(), until.bytes());
        }
    }

    /** Goes on with the fits of the question before, or begins anew if they are others or would have to go down. */
    private OpenSpans spans(Optional<Sample> sample, Evaluator evaluator, byte[] task, int layer) {
        OpenSpans next = spans.filter(
                        open -> open.sample.equals(sample) && Arrays.equals(open.task, task) && open.layer <= layer)
                .map(open -> new OpenSpans(
                        sample, task, open.fitting, layer, open.fitting.cost().solutions()))
                .orElseGet(() -> begin(sample, evaluator, task, layer));
        spans = Optional.of(next);
        return next;
    }

    private OpenSpans begin(Optional<Sample> sample, Evaluator evaluator, byte[] task, int layer) {
        endSpans();
        SpanTask wanted = SpanTask.decode(task, fits);
        FittedSpans fitting = evaluator.fittedSpans(wanted.fit(), wanted.most());
        return new OpenSpans(sample, task, fitting, layer, 0);
    }

    /**
     * What came of a computation in another thread. A pool's own exceptions are new ones without the messages.
     *
     * @param value what was computed, null with an error
     * @param error what was thrown, null with a value
     */
    private record Outcome<T>(T value, Throwable error) {
        static <T> Outcome<T> of(Callable<T> task) {
            try {
                return new Outcome<>(task.call(), null);
            } catch (Exception | Error e) {
                return new Outcome<>(null, e);
            }
        }
    }

    /** Computes in this workplace's threads, and returns what was computed or throws what was thrown there. */
    private static <T> T call(ForkJoinPool threads, CausalModel model, Callable<T> task) {
        Outcome<T> outcome = Futures.getUnchecked(threads.submit(() -> Outcome.of(() -> {
            // As a collapse begins; whether there are threads of its own is asked for in them.
            if (!Arithmetic.of(model).hasOwnThreads()) {
                return task.call();
            }
            try (SingleThreaded computing = SingleThreaded.begin()) {
                return task.call();
            }
        })));
        if (outcome.error != null) {
            Throwables.throwIfUnchecked(outcome.error);
            throw new IllegalStateException(outcome.error);
        }
        return outcome.value;
    }

    @Override
    public void close() {
        endSpans();
        endRows();
        whole.close();
        threads.shutdown();
        checkpoint.close();
    }

    /** Notes the layers that are read and run, and stops where nobody waits any more. */
    private static final class Passes implements PassListener {
        private final List<Answer.LayerPass> noted = new ArrayList<>();
        private BooleanSupplier stopped = () -> false;

        void until(BooleanSupplier wanted) {
            stopped = Objects.requireNonNull(wanted);
            noted.clear();
        }

        ImmutableList<Answer.LayerPass> take() {
            ImmutableList<Answer.LayerPass> all = ImmutableList.copyOf(noted);
            noted.clear();
            return all;
        }

        @Override
        public void layerRead(long bytes) {
            if (stopped.getAsBoolean()) {
                throw new CancellationException("the task was killed");
            }
            noted.add(new Answer.LayerPass(-1, 0, bytes));
        }

        @Override
        public void layerRun(int layer, int candidates) {
            noted.add(new Answer.LayerPass(layer, candidates, 0));
        }
    }
}
