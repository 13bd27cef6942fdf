package org.laco.kernel;

import java.util.Optional;
import org.laco.tensor.ArrayPool;
import org.laco.tensor.HostFloats;
import org.laco.tensor.SequenceLayout;
import org.nd4j.linalg.api.concurrency.AffinityManager.Location;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * What mixes the positions of a sequence one after another, in host memory whatever the backend: loops whose steps wait for one another
 * gain nothing from an accelerator's operations.
 */
final class HostRecurrences {
    private final RowChunks chunks;
    private final ArrayPool pool;
    private final Optional<MatrixProduct> product;

    /**
     * Prepares to compute.
     *
     * @param product multiplies matrices in float32, if there is such a product
     */
    HostRecurrences(RowChunks chunks, ArrayPool pool, Optional<MatrixProduct> product) {
        this.chunks = chunks;
        this.pool = pool;
        this.product = product;
    }

    /** Computes in several threads and keeps nothing. */
    HostRecurrences() {
        this(new RowChunks(true, new HostScratch()), ArrayPool.unpooled(), Optional.empty());
        Nd4j.getExecutioner().commit();
    }

    INDArray convolution(INDArray x, INDArray weight, INDArray bias, SequenceLayout sequences) {
        INDArray out = pool.take(x.shape());
        float[] biases = bias == null ? new float[(int) x.size(1)] : HostKernels.all(bias);
        new Convolution(HostKernels.all(weight), biases, chunks)
                .compute(HostFloats.of(x), HostFloats.of(out), sequences);
        return written(out);
    }

    INDArray deltaRule(DeltaRuleInputs inputs, DeltaRuleSpec spec, SequenceLayout sequences) {
        INDArray out = pool.take(inputs.mixed().size(0), spec.valueWidth());
        new DeltaRule(spec, chunks, product.map(float32 -> new DeltaRuleProducts(spec, chunks, float32, pool)))
                .compute(inputs, HostFloats.of(out), sequences);
        return written(out);
    }

    INDArray stateSpace(StateSpaceInputs inputs, StateSpaceSpec spec, SequenceLayout sequences) {
        INDArray out = pool.take(inputs.mixed().size(0), spec.width());
        new StateSpace(spec, chunks).compute(inputs, HostFloats.of(out), sequences);
        return written(out);
    }

    INDArray selectiveScan(SelectiveScanInputs inputs, SequenceLayout sequences) {
        INDArray out = pool.take(inputs.x().shape());
        new SelectiveScan(chunks).compute(inputs, HostFloats.of(out), sequences);
        return written(out);
    }

    INDArray gatedRecurrence(GatedRecurrenceInputs inputs, SequenceLayout sequences) {
        INDArray out = pool.take(inputs.x().shape());
        new GatedRecurrence(chunks).compute(inputs, HostFloats.of(out), sequences);
        return written(out);
    }

    /** Tells a backend of a device where the elements are. */
    private static INDArray written(INDArray out) {
        Nd4j.getAffinityManager().tagLocation(out, Location.HOST);
        return out;
    }
}
