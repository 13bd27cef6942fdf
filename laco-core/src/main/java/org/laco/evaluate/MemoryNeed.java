package org.laco.evaluate;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.laco.base.Internal;
import org.laco.measure.Metrics;
import org.laco.merge.MergeRule;
import org.laco.stack.Calibration;
import org.laco.stack.Footprint;
import org.laco.stack.LanguageStack;
import org.laco.stack.LayerStack;
import org.laco.stack.PlannedTensors;
import org.laco.tensor.LayerTensor;
import org.laco.tensor.TensorRole;

/**
 * What a search holds in memory at the same time, in bytes. Mapped files don't count: the system takes their pages back when it
 * needs them.
 *
 * @param base the runtime, ND4J and its BLAS, those of a layer's weights that are not used where they are mapped, the hidden states that
 *     enter each layer and those compared, and logits
 * @param candidate what each candidate of a wave adds: its rows, and all that a layer computes from them
 */
@Internal
public record MemoryNeed(long base, long candidate) {
    /**
     * The Java runtime and the native libraries with their buffers. A whole search of a model of 0.8 MB was measured to hold 113 MB of
     * anonymous memory on x86-64 Linux (OpenJDK, OpenBLAS with one thread); the rest is room for what Java's heap holds before it is
     * collected.
     */
    private static final long RUNTIME = 300L << 20;

    /** Arrays of the hidden width that live beside those that a layer's maps compute. */
    private static final int HIDDEN_ARRAYS = 6;

    /** Arrays of what is carried beside the hidden states: what enters a layer and what leaves it. */
    private static final int CARRIED_ARRAYS = 2;

    /** A number within a tensor's name, as experts have them. */
    private static final Pattern NUMBER = Pattern.compile("(?<=\\.)\\d+(?=\\.)");

    /**
     * Adds up what a search of a stack needs.
     *
     * @param stack the stack, none of whose weights are read
     * @param calibration the sequences
     * @param rule how linear weights are merged
     * @return the need
     */
    public static MemoryNeed of(LayerStack stack, Calibration calibration, MergeRule rule) {
        // At two layers some rules select a weight that compute one at three.
        boolean merges = rule.choices(3).stream().anyMatch(one -> one.selects(3).isEmpty());
        long rows = calibration.layout().rows();
        long layer = 0;
        long longestRow = 1;
        long row = 0;
        long width = 0;
        for (int i = 0; i < stack.layerCount(); i++) {
            Map<String, LayerTensor> tensors = stack.tensors(i);
            layer = Math.max(layer, Footprint.of(stack).loadedBytes(i, merges));
            row = Math.max(row, computedElements(tensors));
            for (LayerTensor tensor : tensors.values()) {
                longestRow = Math.max(longestRow, tensor.tensor().length() / Math.max(1, rows(tensor)));
                width = Math.max(width, width(tensor));
            }
        }
        long threads = merges ? Runtime.getRuntime().availableProcessors() : 0;
        long vocabulary = LanguageStack.of(stack).map(LanguageStack::vocabulary).orElse(0);
        long carried = Footprint.of(stack).carriedColumns();
        long entering = (stack.layerCount() + 1L) * rows * (width + carried);
        long kept = entering + (1L + LocalEvaluator.COMPARED_TOGETHER) * rows * width;
        return new MemoryNeed(
                RUNTIME
                        + layer
                        + Float.BYTES
                                * (threads * PlannedTensors.mergeScratch(longestRow)
                                        + kept
                                        + Metrics.logitElements(rows, vocabulary)),
                Float.BYTES * rows * (row + HIDDEN_ARRAYS * width + CARRIED_ARRAYS * carried));
    }

    private static long rows(LayerTensor tensor) {
        long[] shape = tensor.tensor().shape();
        return shape.length == 0 ? 1 : shape[0];
    }

    /**
     * Elements that the maps of a layer compute from one row, whichever side of a weight is its output. Maps that differ by a number, and
     * the matrices of a stack, are experts, which are computed one after another.
     */
    private static long computedElements(Map<String, LayerTensor> tensors) {
        Map<String, Long> byMap = new HashMap<>();
        tensors.forEach((name, tensor) -> {
            if (tensor.role() == TensorRole.LINEAR) {
                byMap.merge(NUMBER.matcher(name).replaceAll("#"), computedElements(tensor), Math::max);
            }
        });
        return byMap.values().stream().mapToLong(Long::longValue).sum();
    }

    private static long computedElements(LayerTensor tensor) {
        long[] shape = tensor.tensor().shape();
        return shape.length < 2 ? tensor.tensor().length() : Math.max(shape[shape.length - 2], shape[shape.length - 1]);
    }

    /** The narrower side of a map: none is narrower than the hidden states but those to fewer key heads. */
    private static long width(LayerTensor tensor) {
        long[] shape = tensor.tensor().shape();
        return tensor.role() == TensorRole.LINEAR && shape.length == 2 ? Math.min(shape[0], shape[1]) : 0;
    }

    /**
     * Returns the least memory that a search works with.
     *
     * @return the need of one candidate
     */
    public long least() {
        return base + candidate;
    }

    /**
     * Returns how many candidates fit a bound.
     *
     * @param bound the bound in bytes
     * @return at least 1
     * @throws IllegalArgumentException if none fits; the message names the smallest bound that works
     */
    public int candidatesWithin(long bound) {
        checkArgument(
                bound >= least(),
                "a memory bound of %s MB is too small for this model and calibration: the smallest that works is %s MB",
                megabytes(bound),
                megabytes(least() + 999_999));
        return (int) Math.min(Integer.MAX_VALUE, (bound - base) / Math.max(1, candidate));
    }

    private static String megabytes(long bytes) {
        return String.format(Locale.ROOT, "%d", bytes / 1_000_000);
    }
}
