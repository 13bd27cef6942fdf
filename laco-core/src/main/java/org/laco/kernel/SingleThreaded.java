package org.laco.kernel;

import org.nd4j.linalg.factory.Nd4j;

/**
 * While one of these is open, ND4J and its BLAS compute each operation in the thread that asks for it.
 *
 * <p>Several threads that each compute a part of a batch leave nothing to divide inside an operation. What is more, the native
 * threads wait for one another by spinning, which on a processor that others use too costs up to thirty times the operation.
 *
 * <p>The number of threads is a setting of the process, so the count of open instances has to be one too.
 */
public final class SingleThreaded implements AutoCloseable {
    private static final Object LOCK = new Object();
    private static int open;
    private static int blasThreads;
    private static int threads;
    private static int masterThreads;

    private SingleThreaded() {}

    /**
     * Begins, unless another instance is open already.
     *
     * @return what ends it
     */
    public static SingleThreaded begin() {
        synchronized (LOCK) {
            if (open++ == 0) {
                blasThreads = Nd4j.factory().blas().getMaxThreads();
                threads = Nd4j.getEnvironment().maxThreads();
                masterThreads = Nd4j.getEnvironment().maxMasterThreads();
                set(1, 1, 1);
            }
        }
        return new SingleThreaded();
    }

    private static void set(int blas, int max, int maxMaster) {
        Nd4j.factory().blas().setMaxThreads(blas);
        Nd4j.getEnvironment().setMaxThreads(max);
        Nd4j.getEnvironment().setMaxMasterThreads(maxMaster);
    }

    /** Restores the numbers of threads if this is the last open instance. */
    @Override
    public void close() {
        synchronized (LOCK) {
            if (--open == 0) {
                set(blasThreads, threads, masterThreads);
            }
        }
    }
}
