package org.laco.measure;

import com.google.common.collect.ImmutableList;
import java.util.stream.IntStream;
import org.laco.stack.Calibration;
import org.laco.stack.LayerStack;
import org.laco.tensor.SequenceLayout;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The cosine between the final hidden states at a sequence's last position, the one that decides what is generated next. */
final class LastTokenCosine implements Metric {
    @Override
    public String name() {
        return "last-token-cosine";
    }

    @Override
    public ImmutableList<Double> perSequence(
            INDArray candidate, INDArray reference, LayerStack stack, Calibration calibration) {
        double[] cosines = TokenCosine.ofRows(candidate, reference);
        SequenceLayout sequences = calibration.layout();
        return IntStream.range(0, sequences.count())
                .mapToObj(i -> cosines[sequences.start(i) + sequences.length(i) - 1])
                .collect(ImmutableList.toImmutableList());
    }
}
