package org.laco.kernel;

import org.laco.tensor.ArrayPool;
import org.laco.tensor.HostFloats;
import org.laco.tensor.SequenceLayout;
import org.nd4j.linalg.api.concurrency.AffinityManager.Location;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** The derivatives of {@link HostRecurrences}, in host memory whatever the backend. */
final class RecurrenceGradients {
    private final RowChunks chunks;
    private final ArrayPool pool;

    RecurrenceGradients(RowChunks chunks, ArrayPool pool) {
        this.chunks = chunks;
        this.pool = pool;
    }

    /** Computes in several threads and keeps nothing. */
    RecurrenceGradients() {
        this(new RowChunks(true, new HostScratch()), ArrayPool.unpooled());
        Nd4j.getExecutioner().commit();
    }

    INDArray convolution(
            INDArray gradient,
            INDArray x,
            INDArray weight,
            SequenceLayout sequences,
            INDArray weightSum,
            INDArray biasSum) {
        INDArray out = pool.take(x.shape());
        ConvolutionDerivative derivative = new ConvolutionDerivative(HostKernels.all(weight), (int) x.size(1), chunks);
        derivative.compute(HostFloats.of(gradient), HostFloats.of(x), HostFloats.of(out), sequences);
        add(derivative.byWeight(), weightSum);
        add(derivative.byBias(), biasSum);
        return written(out);
    }

    DeltaRuleInputs deltaRule(INDArray gradient, DeltaRuleInputs inputs, DeltaRuleSpec spec, SequenceLayout sequences) {
        DeltaRuleInputs out = new DeltaRuleInputs(
                pool.take(inputs.mixed().shape()),
                pool.take(inputs.decays().shape()),
                pool.take(inputs.strengths().shape()),
                pool.take(inputs.rates().shape()),
                pool.take(inputs.biases().shape()));
        new DeltaRuleDerivative(spec, chunks, inputs).compute(HostFloats.of(gradient), out, sequences);
        return new DeltaRuleInputs(
                written(out.mixed()),
                written(out.decays()),
                written(out.strengths()),
                written(out.rates()),
                written(out.biases()));
    }

    StateSpaceInputs stateSpace(
            INDArray gradient, StateSpaceInputs inputs, StateSpaceSpec spec, SequenceLayout sequences) {
        StateSpaceInputs out = new StateSpaceInputs(
                pool.take(inputs.mixed().shape()),
                pool.take(inputs.steps().shape()),
                pool.take(inputs.rates().shape()),
                pool.take(inputs.biases().shape()),
                pool.take(inputs.skips().shape()));
        new StateSpaceDerivative(spec, chunks, inputs).compute(HostFloats.of(gradient), out, sequences);
        return new StateSpaceInputs(
                written(out.mixed()),
                written(out.steps()),
                written(out.rates()),
                written(out.biases()),
                written(out.skips()));
    }

    SelectiveScanInputs selectiveScan(INDArray gradient, SelectiveScanInputs inputs, SequenceLayout sequences) {
        SelectiveScanInputs out = new SelectiveScanInputs(
                pool.take(inputs.x().shape()),
                pool.take(inputs.steps().shape()),
                pool.take(inputs.writes().shape()),
                pool.take(inputs.reads().shape()),
                pool.take(inputs.rates().shape()),
                pool.take(inputs.skips().shape()));
        new SelectiveScanDerivative(chunks, inputs).compute(HostFloats.of(gradient), out, sequences);
        return new SelectiveScanInputs(
                written(out.x()),
                written(out.steps()),
                written(out.writes()),
                written(out.reads()),
                written(out.rates()),
                written(out.skips()));
    }

    GatedRecurrenceInputs gatedRecurrence(INDArray gradient, GatedRecurrenceInputs inputs, SequenceLayout sequences) {
        GatedRecurrenceInputs out = new GatedRecurrenceInputs(
                pool.take(inputs.x().shape()),
                pool.take(inputs.inputGates().shape()),
                pool.take(inputs.decayGates().shape()),
                pool.take(inputs.rates().shape()));
        new GatedRecurrenceDerivative(chunks, inputs).compute(HostFloats.of(gradient), out, sequences);
        return new GatedRecurrenceInputs(
                written(out.x()), written(out.inputGates()), written(out.decayGates()), written(out.rates()));
    }

    private static void add(float[] values, INDArray sum) {
        if (sum != null) {
            float[] sums = HostKernels.all(sum);
            for (int i = 0; i < sums.length; i++) {
                sums[i] += values[i];
            }
            HostFloats.of(sum).put(0, sums, sums.length);
            written(sum);
        }
    }

    /** Tells a backend of a device where the elements are. */
    private static INDArray written(INDArray out) {
        Nd4j.getAffinityManager().tagLocation(out, Location.HOST);
        return out;
    }
}
