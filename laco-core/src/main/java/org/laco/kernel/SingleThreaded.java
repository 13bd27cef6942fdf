package org.laco.kernel;

import java.util.function.Supplier;
import org.laco.base.Internal;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Lets ND4J and its BLAS compute each operation in the thread that asks for it.
 *
 * <p>Several threads that each compute a part of a batch leave nothing to divide inside an operation. What is more, the native
 * threads wait for one another by spinning, which on a processor that others use too costs up to thirty times the operation.
 *
 * <p>The number of threads is a setting of the process, so the count of those who need it to be one has to be one too.
 */
@Internal
public final class SingleThreaded implements AutoCloseable {
    private static final Object LOCK = new Object();
    private static int running;
    private static int blasThreads;
    private static int threads;
    private static int masterThreads;

    private boolean closed;

    private SingleThreaded() {}

    /**
     * Begins to compute.
     *
     * @return what to close in the end
     */
    public static SingleThreaded begin() {
        synchronized (LOCK) {
            if (running++ == 0) {
                blasThreads = Nd4j.factory().blas().getMaxThreads();
                threads = Nd4j.getEnvironment().maxThreads();
                masterThreads = Nd4j.getEnvironment().maxMasterThreads();
                set(1, 1, 1);
            }
        }
        return new SingleThreaded();
    }

    /**
     * Computes something, and restores the numbers of threads when nobody else needs them to be one.
     *
     * @param <T> the type of the result
     * @param task what is computed
     * @return its result
     */
    public static <T> T call(Supplier<T> task) {
        try (SingleThreaded computing = begin()) {
            return task.get();
        }
    }

    /**
     * Computes something as {@link #call} does if whoever computes divides the work among threads of its own, else as it is.
     *
     * @param <T> the type of the result
     * @param ownThreads whether the work is divided already
     * @param task what is computed
     * @return its result
     */
    public static <T> T callIf(boolean ownThreads, Supplier<T> task) {
        return ownThreads ? call(task) : task.get();
    }

    /** Restores the numbers of threads when nobody else needs them to be one. */
    @Override
    public void close() {
        synchronized (LOCK) {
            if (!closed && --running == 0) {
                set(blasThreads, threads, masterThreads);
            }
            closed = true;
        }
    }

    private static void set(int blas, int max, int maxMaster) {
        Nd4j.factory().blas().setMaxThreads(blas);
        Nd4j.getEnvironment().setMaxThreads(max);
        Nd4j.getEnvironment().setMaxMasterThreads(maxMaster);
    }
}
