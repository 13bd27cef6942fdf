package org.example.laco;

import com.google.common.collect.ImmutableList;
import java.util.stream.IntStream;
import org.laco.measure.Metric;
import org.laco.stack.Calibration;
import org.laco.stack.LayerStack;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** A metric from outside: the largest difference of any number in a sequence's hidden states, negated. */
public final class Distance implements Metric {
    @Override
    public String name() {
        return "distance";
    }

    @Override
    public ImmutableList<Double> perSequence(
            INDArray candidate, INDArray reference, LayerStack stack, Calibration calibration) {
        INDArray difference = candidate.sub(reference);
        return IntStream.range(0, calibration.layout().count())
                .mapToObj(i -> -difference
                        .get(NDArrayIndex.interval(
                                calibration.layout().start(i),
                                calibration.layout().start(i)
                                        + calibration.layout().length(i)))
                        .amaxNumber()
                        .doubleValue())
                .collect(ImmutableList.toImmutableList());
    }
}
