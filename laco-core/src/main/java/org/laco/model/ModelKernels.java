package org.laco.model;

import java.util.function.Supplier;
import org.laco.kernel.Kernels;

/** The operations that a model is computed by: its own, which it closes, or another's. */
final class ModelKernels implements AutoCloseable {
    private final Supplier<Kernels> maker;
    private final boolean owned;
    private Kernels kernels;
    private boolean closed;

    private ModelKernels(Supplier<Kernels> maker, boolean owned) {
        this.maker = maker;
        this.owned = owned;
    }

    /** Makes operations when they are first needed, since asking for ND4J's backend starts it. */
    static ModelKernels ownOf(Supplier<Kernels> maker) {
        return new ModelKernels(maker, true);
    }

    /** Uses operations that the caller closes. */
    static ModelKernels lent(Kernels kernels) {
        return new ModelKernels(() -> kernels, false);
    }

    /** Returns these operations for another model, which doesn't close them. */
    ModelKernels lend() {
        return new ModelKernels(this::kernels, false);
    }

    synchronized Kernels kernels() {
        if (kernels == null) {
            kernels = maker.get();
            if (closed && owned) {
                kernels.close();
            }
        }
        return kernels;
    }

    @Override
    public synchronized void close() {
        closed = true;
        if (owned && kernels != null) {
            kernels.close();
        }
    }
}
