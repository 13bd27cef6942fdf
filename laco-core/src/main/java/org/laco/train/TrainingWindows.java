package org.laco.train;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import com.google.common.hash.Hasher;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.laco.stack.Calibration;

/** Pieces of token sequences that training reads, in an order that follows from the seed alone. */
final class TrainingWindows {
    private final ImmutableList<int[]> windows;
    private final long seed;

    private TrainingWindows(ImmutableList<int[]> windows, long seed) {
        this.windows = windows;
        this.seed = seed;
    }

    /** Cuts sequences into windows of a length; shorter ends of at least two tokens are windows too. */
    static TrainingWindows cut(Calibration text, int length, long seed) {
        checkArgument(length >= 2, "a window needs at least 2 tokens, not %s", length);
        ImmutableList.Builder<int[]> windows = ImmutableList.builder();
        for (int i = 0; i < text.layout().count(); i++) {
            int[] tokens = text.tokens(i);
            for (int from = 0; from + 1 < tokens.length; from += length) {
                windows.add(Arrays.copyOfRange(tokens, from, Math.min(tokens.length, from + length)));
            }
        }
        ImmutableList<int[]> cut = windows.build();
        checkArgument(!cut.isEmpty(), "the text to train on has no sequence of two tokens");
        return new TrainingWindows(cut, seed);
    }

    int count() {
        return windows.size();
    }

    int[] tokens(int window) {
        return windows.get(window);
    }

    /** Some windows as a batch. */
    Calibration batch(List<Integer> members) {
        return Calibration.ofTokens(members.stream().map(windows::get).toList());
    }

    /** The windows of each step: all are read before one is read again, each time in another order. */
    ImmutableList<ImmutableList<Integer>> steps(long tokens, int windowsPerStep) {
        ImmutableList.Builder<ImmutableList<Integer>> steps = ImmutableList.builder();
        SplittableRandom random = new SplittableRandom(seed);
        List<Integer> left = new ArrayList<>();
        for (long read = 0; read < tokens; ) {
            List<Integer> step = new ArrayList<>();
            while (step.size() < windowsPerStep && read < tokens) {
                if (left.isEmpty()) {
                    left.addAll(shuffled(random.split()));
                }
                int next = left.remove(left.size() - 1);
                step.add(next);
                read += windows.get(next).length;
            }
            steps.add(ImmutableList.copyOf(step));
        }
        return steps.build();
    }

    private List<Integer> shuffled(SplittableRandom random) {
        List<Integer> order =
                new ArrayList<>(IntStream.range(0, windows.size()).boxed().toList());
        for (int i = order.size() - 1; i > 0; i--) {
            int other = random.nextInt(i + 1);
            order.set(i, order.set(other, order.get(i)));
        }
        return order;
    }

    /** Some of the windows, numbered anew. */
    TrainingWindows only(List<Integer> members) {
        return new TrainingWindows(members.stream().map(windows::get).collect(ImmutableList.toImmutableList()), seed);
    }

    void addTo(Hasher hasher) {
        for (int[] window : windows) {
            hasher.putInt(window.length);
            for (int token : window) {
                hasher.putInt(token);
            }
        }
    }
}
