package org.laco.stack;

import com.google.common.collect.ImmutableMap;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.function.LongConsumer;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.Pointer;
import org.laco.base.Internal;
import org.laco.plan.PlannedLayer;
import org.laco.plan.SourceLayer;
import org.laco.tensor.ArrayPool;
import org.laco.tensor.LayerTensor;
import org.laco.tensor.LayerWeights;
import org.laco.tensor.SequenceLayout;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Runs layers of a stack one after another: loads the weights of one, runs hidden states through it, lets the weights go, and stops
 * where the thread is interrupted.
 *
 * <pre>{@code
 * try (LayerRunner runner = LayerRunner.of(stack);
 *         INDArray entering = stack.embed(calibration);
 *         INDArray leaving = runner.run(SourceLayer.of(0), entering, calibration.layout())) {
 *     …
 * }
 * }</pre>
 *
 * <p>The arrays of one layer's weights are used again for the next unless it is {@link #unpooled}. Of a layer's experts those are held that were
 * used last, up to a quarter of the machine's memory or, if that is more, {@link #EXPERT_BYTES}. An instance belongs to one thread at a time.
 */
@Internal
public final class LayerRunner implements AutoCloseable {
    /** What is held of a layer's experts, in bytes, where each expert is used for one batch only. */
    public static final long EXPERT_BYTES = 1L << 30;

    private final LayerStack stack;
    private final LongConsumer bytesRead;
    private final ArrayPool pool;
    private final long expertBytes;

    private LayerRunner(LayerStack stack, LongConsumer bytesRead, ArrayPool pool, long expertBytes) {
        this.stack = stack;
        this.bytesRead = bytesRead;
        this.pool = pool;
        this.expertBytes = expertBytes;
    }

    /**
     * Runs layers of a stack.
     *
     * @param stack the original model, whose layers plans are made of
     * @return the runner, which the caller closes
     */
    public static LayerRunner of(LayerStack stack) {
        return new LayerRunner(stack, bytes -> {}, ArrayPool.create(), forManyBatches());
    }

    /**
     * Runs layers of a stack, each for one batch at a time, and reports what is read for them. Of a layer's experts at most {@link
     * #EXPERT_BYTES} are held, or those that threads compute at the same time.
     *
     * @param stack the original model, whose layers plans are made of
     * @param bytesRead receives the stored size of each layer's weights before they are read, that of all that are merged included
     * @return the runner, which the caller closes
     */
    public static LayerRunner of(LayerStack stack, LongConsumer bytesRead) {
        return new LayerRunner(stack, bytesRead, ArrayPool.create(), EXPERT_BYTES);
    }

    /**
     * Runs layers of a stack and keeps no memory between them, for when layers are run seldom.
     *
     * @param stack the original model, whose layers plans are made of
     * @return the runner, which the caller closes
     */
    public static LayerRunner unpooled(LayerStack stack) {
        return new LayerRunner(stack, bytes -> {}, ArrayPool.unpooled(), forManyBatches());
    }

    /**
     * Returns this runner with another bound of what is held of a layer's experts.
     *
     * @param bytes the bound, which is exceeded where the experts that threads compute at the same time take more
     * @return a runner that shares what this one keeps, of which either is closed
     */
    public LayerRunner holding(long bytes) {
        return new LayerRunner(stack, bytesRead, pool, bytes);
    }

    /** Experts that don't fit are read again for each batch, so that those of a layer are kept if the machine has room for them. */
    private static long forManyBatches() {
        long most = Pointer.maxBytes() > 0
                ? Math.min(Pointer.maxBytes(), Pointer.totalPhysicalBytes())
                : Pointer.totalPhysicalBytes();
        return Math.max(EXPERT_BYTES, most / 4);
    }

    /**
     * Prepares the weights of a layer for one batch after another.
     *
     * @param layer the layer, of the original or planned
     * @return the layer, which the caller closes before this runner
     * @throws IllegalArgumentException if the layer can't be formed from the stack's; the message says why
     */
    public LoadedLayer load(PlannedLayer layer) {
        ImmutableMap<String, LayerTensor> tensors = PlannedTensors.of(stack, layer);
        bytesRead.accept(PlannedTensors.bytesRead(tensors));
        return new LoadedLayer(stack, layer.base().index(), LayerWeights.load(tensors, pool, expertBytes));
    }

    /**
     * Prepares weights of one's own in the structure of one of the stack's layers.
     *
     * @param structure the layer whose structure is used, from 0
     * @param tensors the weights by the names of that layer's
     * @return the layer, which the caller closes before this runner
     */
    public LoadedLayer load(int structure, ImmutableMap<String, LayerTensor> tensors) {
        bytesRead.accept(PlannedTensors.bytesRead(tensors));
        return new LoadedLayer(stack, structure, LayerWeights.load(tensors, pool, expertBytes));
    }

    /**
     * Runs hidden states through one layer.
     *
     * @param layer the layer, of the original or planned
     * @param hidden what enters it, {@code [rows, width]}, left as it is
     * @param sequences how the rows divide into sequences
     * @return what leaves it, a new array
     * @throws CancellationException if the thread was interrupted
     */
    public INDArray run(PlannedLayer layer, INDArray hidden, SequenceLayout sequences) {
        try (LoadedLayer loaded = load(layer)) {
            return loaded.run(hidden, sequences);
        }
    }

    /**
     * Runs hidden states through layers from the bottom up, keeping nothing on the way.
     *
     * @param layers the layers, of the original or planned
     * @param hidden what enters the first of them, {@code [rows, width]}, which is closed
     * @param sequences how the rows divide into sequences
     * @return what leaves the last of them, a new array, or what was given if there is no layer
     * @throws CancellationException if the thread was interrupted
     */
    public INDArray runAll(List<? extends PlannedLayer> layers, INDArray hidden, SequenceLayout sequences) {
        INDArray current = hidden;
        for (PlannedLayer layer : layers) {
            try (INDArray entering = current) {
                current = run(layer, entering, sequences);
            }
        }
        return current;
    }

    /**
     * Runs sequences through layers of the original from the bottom up.
     *
     * @param calibration the sequences
     * @param layers how many of the layers
     * @return what leaves the last of them, {@code [rows, width]}, a new array
     * @throws CancellationException if the thread was interrupted
     */
    public INDArray runFromBottom(Calibration calibration, int layers) {
        return runAll(
                IntStream.range(0, layers).mapToObj(SourceLayer::of).toList(),
                stack.embed(calibration),
                calibration.layout());
    }

    /** Frees the arrays that weights were brought to. */
    @Override
    public void close() {
        pool.close();
    }
}
