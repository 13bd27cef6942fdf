package org.laco.kernel;

import com.google.common.collect.ImmutableList;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.stream.Stream;

/**
 * Lends Java arrays to compute in. What a thread gave back last it gets first, since that is still in its core's cache; threads seldom
 * wait for one another, since each has a stack that few others use.
 */
final class HostScratch {
    /** Elements of an array at least: two or three of them fit the second-level cache. */
    static final int ELEMENTS = 1 << 13;

    private final ImmutableList<Deque<float[]>> stacks;

    HostScratch() {
        this.stacks = Stream.generate(ArrayDeque<float[]>::new)
                .limit(2L * Runtime.getRuntime().availableProcessors())
                .collect(ImmutableList.toImmutableList());
    }

    /** Lends an array of at least some length and any content. */
    float[] take(int length) {
        Deque<float[]> stack = stack();
        float[] kept;
        synchronized (stack) {
            kept = stack.poll();
        }
        return kept != null && kept.length >= length ? kept : new float[Math.max(length, ELEMENTS)];
    }

    /** Takes an array back. */
    void give(float[] array) {
        Deque<float[]> stack = stack();
        synchronized (stack) {
            stack.push(array);
        }
    }

    private Deque<float[]> stack() {
        return stacks.get((int) (Thread.currentThread().getId() % stacks.size()));
    }
}
