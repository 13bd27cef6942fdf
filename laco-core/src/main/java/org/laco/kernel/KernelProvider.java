package org.laco.kernel;

/**
 * Makes arithmetic for forward passes, one implementation of {@link Kernels}.
 *
 * <p>A provider on the class path that is registered as a service ({@link java.util.ServiceLoader}) is used where it {@linkplain
 * #isAvailable() can run} and no other that can has a higher {@linkplain #rank rank}, or where the system property {@value
 * Kernels#PROPERTY} names it. A file {@code META-INF/services/org.laco.kernel.KernelProvider} with the name of the class registers it,
 * which is public and has a public constructor without parameters:
 *
 * <pre>{@code
 * public final class MyProvider implements KernelProvider {
 *     public String name() {
 *         return "mine";
 *     }
 *
 *     public int rank() {
 *         return 30;                                // above oneDNN's 20
 *     }
 *
 *     public boolean isAvailable() {
 *         return true;
 *     }
 *
 *     public Kernels create() {
 *         return Kernels.of(new MyProduct());       // my matrix products, everything else by loops
 *     }
 * }
 * }</pre>
 */
public interface KernelProvider {
    /**
     * Names the arithmetic, for {@link KernelProviders#named} and the system property.
     *
     * @return a short name in lower case without spaces, as {@code onednn}
     */
    String name();

    /**
     * Returns how much this arithmetic is preferred. oneDNN has 20, ND4J's BLAS 10, ND4J's operations 0.
     *
     * @return a number that is higher the better the arithmetic is where it can run
     */
    int rank();

    /**
     * Returns whether the arithmetic can run here: with ND4J's backend, on this processor, with the native libraries that are there. May
     * start ND4J and load libraries.
     *
     * @return whether {@link #create} works
     */
    boolean isAvailable();

    /**
     * Makes arithmetic in float32. Called only where it {@linkplain #isAvailable can run}.
     *
     * @return new arithmetic, safe for use by several threads, which the caller closes
     */
    Kernels create();
}
