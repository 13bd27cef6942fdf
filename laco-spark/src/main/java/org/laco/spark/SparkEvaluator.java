package org.laco.spark;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import com.google.common.collect.ImmutableMap;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinTask;
import org.apache.spark.SparkContext;
import org.laco.evaluate.Evaluator;
import org.laco.evaluate.EvaluatorFactory;
import org.laco.evaluate.EvaluatorSettings;
import org.laco.evaluate.MemoryNeed;
import org.laco.evaluate.PassListener;
import org.laco.fit.FitListener;
import org.laco.io.Checkpoint;
import org.laco.io.CheckpointIdentity;
import org.laco.merge.MergeRules;
import org.laco.model.CausalModel;
import org.laco.stack.Calibration;
import org.laco.stack.LayerStack;

/**
 * Scores the candidates of a search on the executors of Apache Spark, with the scores that one machine gives them, bit for bit.
 *
 * <pre>{@code
 * try (Checkpoint checkpoint = Checkpoints.open(Path.of("/shared/Llama-2-7b"))) {
 *     CollapseResult result = LayerCollapse.builder()
 *             .targetLayers(24)
 *             .calibration(CalibrationFile.standard(checkpoint))
 *             .evaluator(SparkEvaluator.on(session.sparkContext(), checkpoint))
 *             .build()
 *             .apply(checkpoint.model());
 * }
 * }</pre>
 *
 * <p>An executor opens the checkpoint at the same path as the driver, checks that it is the same, runs the original model once, and keeps
 * the model and its hidden states for the tasks that follow. A task is what one machine would score together: plans, token ids and numbers
 * travel, and the weights of fits that are compared as a whole. A task that is lost is run again elsewhere, with the same result.
 *
 * <p>An executor computes one task at a time, in as many threads as the driver would: how a batch is divided among threads can change
 * the last bits of a score. {@link #threads} sets another number.
 */
public final class SparkEvaluator implements EvaluatorFactory {
    private final SparkContext context;
    private final Checkpoint checkpoint;
    private final Path location;
    private final OptionalInt threads;
    private final OptionalLong memory;

    private SparkEvaluator(
            SparkContext context, Checkpoint checkpoint, Path location, OptionalInt threads, OptionalLong memory) {
        this.context = context;
        this.checkpoint = checkpoint;
        this.location = location;
        this.threads = threads;
        this.memory = memory;
    }

    /**
     * Scores candidates of a checkpoint's model.
     *
     * @param context Spark's context, which stays the caller's
     * @param checkpoint the checkpoint, on storage that executors see at the same path
     * @return what makes the evaluators of searches of this checkpoint's model
     * @throws IllegalArgumentException if the checkpoint is held in memory, where executors can't open it
     */
    public static SparkEvaluator on(SparkContext context, Checkpoint checkpoint) {
        Path location = checkpoint
                .location()
                .orElseThrow(
                        () -> new IllegalArgumentException(
                                "the checkpoint is held in memory: executors open one from a path that they share with the driver"));
        return new SparkEvaluator(
                requireNonNull(context, "context"),
                checkpoint,
                location.toAbsolutePath(),
                OptionalInt.empty(),
                OptionalLong.empty());
    }

    /**
     * Sets where executors find the checkpoint. The default is where the driver has it.
     *
     * @param path the absolute path on every executor's machine
     * @return this evaluator with that path
     * @throws IllegalArgumentException if the path isn't absolute
     */
    public SparkEvaluator at(Path path) {
        checkArgument(
                path.isAbsolute(), "executors have no common working directory: give an absolute path, not %s", path);
        return new SparkEvaluator(context, checkpoint, path, threads, memory);
    }

    /**
     * Sets in how many threads an executor computes. The default is as many as the driver would compute in, so that the bits are those
     * of the driver alone; with another number they are those of laco alone in a pool of as many threads.
     *
     * @param number the number, at least 1
     * @return this evaluator with that number
     * @throws IllegalArgumentException if the number is less than 1
     */
    public SparkEvaluator threads(int number) {
        checkArgument(number >= 1, "an executor computes in at least one thread, not %s", number);
        return new SparkEvaluator(context, checkpoint, location, OptionalInt.of(number), memory);
    }

    /**
     * Bounds what an executor keeps of the searches that it has computed for, the present one included, in bytes beside the mapped
     * weights. Within the bound, a search that comes back finds its hidden states. By default those of the last search are kept alone,
     * whatever they take.
     *
     * @param bytes the bound; a search that needs more is refused, with what it needs
     * @return this evaluator with that bound
     * @throws IllegalArgumentException if the bound is not positive
     */
    public SparkEvaluator memory(long bytes) {
        checkArgument(bytes > 0, "the memory bound must be positive, not %s", bytes);
        return new SparkEvaluator(context, checkpoint, location, threads, OptionalLong.of(bytes));
    }

    /**
     * {@inheritDoc}
     *
     * @throws IllegalArgumentException if the stack is another model than the checkpoint's, the sequences aren't tokens, the metric is none
     *     that executors can be told of, or the bound of memory is too small
     */
    @Override
    public Evaluator create(
            LayerStack stack,
            Calibration calibration,
            EvaluatorSettings settings,
            PassListener passes,
            FitListener fits) {
        checkArgument(
                stack == checkpoint.model(),
                "executors open %s, and can score no other model than that checkpoint's",
                location);
        checkArgument(
                calibration.isTokens(), "executors are sent sequences of token ids, and these are of feature rows");
        settings.metric().check(stack, calibration);
        MemoryNeed need = MemoryNeed.of(stack, calibration, MergeRules.keepFirst());
        memory.ifPresent(need::candidatesWithin);
        Subject subject = new Subject(
                location.toString(),
                identity(),
                ((CausalModel) stack).arithmetic(),
                threads.orElseGet(SparkEvaluator::ownThreads),
                calibration,
                settings,
                need.least(),
                memory.orElse(0));
        return new RemoteEvaluator(new Executors(context, subject), calibration, settings, passes, fits);
    }

    private ImmutableMap<String, String> identity() {
        try {
            return CheckpointIdentity.of(checkpoint);
        } catch (IOException e) {
            throw new UncheckedIOException(e.getMessage(), e);
        }
    }

    /** In how many threads laco computes in the thread that asks. */
    private static int ownThreads() {
        ForkJoinPool own = ForkJoinTask.getPool();
        return own == null || own == ForkJoinPool.commonPool()
                ? Runtime.getRuntime().availableProcessors()
                : own.getParallelism();
    }
}
